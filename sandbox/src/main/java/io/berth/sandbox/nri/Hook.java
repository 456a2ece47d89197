package io.berth.sandbox.nri;

import io.berth.nri.v1.Event;

/** What plugins can subscribe for, with the name of the call. */
enum Hook {
    RUN_POD_SANDBOX("RunPodSandbox", Event.RUN_POD_SANDBOX),
    UPDATE_POD_SANDBOX("UpdatePodSandbox", Event.UPDATE_POD_SANDBOX),
    POST_UPDATE_POD_SANDBOX("PostUpdatePodSandbox", Event.POST_UPDATE_POD_SANDBOX),
    STOP_POD_SANDBOX("StopPodSandbox", Event.STOP_POD_SANDBOX),
    REMOVE_POD_SANDBOX("RemovePodSandbox", Event.REMOVE_POD_SANDBOX),
    CREATE_CONTAINER("CreateContainer", Event.CREATE_CONTAINER),
    POST_CREATE_CONTAINER("PostCreateContainer", Event.POST_CREATE_CONTAINER),
    START_CONTAINER("StartContainer", Event.START_CONTAINER),
    POST_START_CONTAINER("PostStartContainer", Event.POST_START_CONTAINER),
    UPDATE_CONTAINER("UpdateContainer", Event.UPDATE_CONTAINER),
    POST_UPDATE_CONTAINER("PostUpdateContainer", Event.POST_UPDATE_CONTAINER),
    STOP_CONTAINER("StopContainer", Event.STOP_CONTAINER),
    REMOVE_CONTAINER("RemoveContainer", Event.REMOVE_CONTAINER),
    VALIDATE("ValidateContainerAdjustment", Event.VALIDATE_CONTAINER_ADJUSTMENT);

    /** Every event that exists. */
    static final int ALL = (1 << (Event.LAST_VALUE - 1)) - 1;

    private final String method;
    private final Event event;

    Hook(String method, Event event) {
        this.method = method;
        this.event = event;
    }

    String method() {
        return method;
    }

    Event event() {
        return event;
    }

    /** Whether a mask of subscriptions has it. */
    boolean in(int mask) {
        return (mask & (1 << (event.getNumber() - 1))) != 0;
    }

    /** Whether older plugins are told by StateChange: all that have nothing to answer. */
    boolean isPlainEvent() {
        return switch (this) {
            case RUN_POD_SANDBOX,
                    POST_UPDATE_POD_SANDBOX,
                    STOP_POD_SANDBOX,
                    REMOVE_POD_SANDBOX,
                    POST_CREATE_CONTAINER,
                    START_CONTAINER,
                    POST_START_CONTAINER,
                    POST_UPDATE_CONTAINER,
                    REMOVE_CONTAINER ->
                    true;
            case UPDATE_POD_SANDBOX, CREATE_CONTAINER, UPDATE_CONTAINER, STOP_CONTAINER, VALIDATE ->
                    false;
        };
    }
}
