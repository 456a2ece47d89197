package io.berth.shimclient.ttrpc;

/** Status codes of google.rpc.Code, by their numbers; a number outside it counts as UNKNOWN. */
public enum StatusCode {
    OK(0),
    CANCELLED(1),
    UNKNOWN(2),
    INVALID_ARGUMENT(3),
    DEADLINE_EXCEEDED(4),
    NOT_FOUND(5),
    ALREADY_EXISTS(6),
    PERMISSION_DENIED(7),
    RESOURCE_EXHAUSTED(8),
    FAILED_PRECONDITION(9),
    ABORTED(10),
    OUT_OF_RANGE(11),
    UNIMPLEMENTED(12),
    INTERNAL(13),
    UNAVAILABLE(14),
    DATA_LOSS(15),
    UNAUTHENTICATED(16);

    private final int number;

    StatusCode(int number) {
        this.number = number;
    }

    static StatusCode of(int number) {
        for (var code : values()) {
            if (code.number == number) {
                return code;
            }
        }
        return UNKNOWN;
    }

    int number() {
        return number;
    }
}
