package io.berth.streaming;

import java.io.IOException;

/** Takes what a client sends on one stream. Called by the connection's event loop; never blocks. */
interface Input {
    /** Takes nothing. */
    Input NONE =
            new Input() {
                @Override
                public void data(byte[] bytes) {}

                @Override
                public void end() {}

                @Override
                public void fail(IOException why) {}
            };

    void data(byte[] bytes);

    /** No more will come. */
    void end();

    /** No more will come, and what came is not all. */
    void fail(IOException why);
}
