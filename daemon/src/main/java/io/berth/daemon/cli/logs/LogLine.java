package io.berth.daemon.cli.logs;

/**
 * One line that a container wrote.
 *
 * @param error whether it went to standard error
 * @param text without its line break
 */
public record LogLine(boolean error, String text) {}
