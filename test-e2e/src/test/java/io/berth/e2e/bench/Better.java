package io.berth.e2e.bench;

/** In which direction a figure is good. */
enum Better {
    LESS,
    MORE
}
