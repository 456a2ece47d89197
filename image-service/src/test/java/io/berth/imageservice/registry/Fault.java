package io.berth.imageservice.registry;

import java.util.List;

/** What a {@link ScriptedRegistry} does wrong with one answer. */
public sealed interface Fault {

    /** The connection ends after so many bytes of the body. */
    record Reset(int afterBytes) implements Fault {}

    /** Nothing more comes after so many bytes of the body. */
    record Stall(int afterBytes) implements Fault {}

    /** One byte at a time, a pause after each. */
    record Trickle(int pauseMillis) implements Fault {}

    /** The length announced and sent is this much larger than the blob. */
    record WrongLength(int extraBytes) implements Fault {}

    /** The length is right, one byte is not. */
    record WrongBytes() implements Fault {}

    /** A status without content. */
    record Status(int code) implements Fault {}

    /** A status with a body that explains it. */
    record Refusal(int code, String errorCode, String message) implements Fault {}

    /** 401 with these challenges. */
    record Challenges(List<String> headers) implements Fault {}

    /** 307 to an address. */
    record Redirect(String location) implements Fault {}

    /** Ranges are not known: a ranged request gets everything. */
    record IgnoresRange() implements Fault {}

    /** The range that is sent is not the one that was asked for. */
    record WrongRange() implements Fault {}

    /** As if there were no fault; keeps a place in the script. */
    record None() implements Fault {}
}
