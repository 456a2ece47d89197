package io.berth.shimclient.shim;

/** Version of the Task service that a shim serves. */
public enum TaskApi {
    V2("containerd.task.v2.Task"),
    V3("containerd.task.v3.Task");

    private final String service;

    TaskApi(String service) {
        this.service = service;
    }

    String service() {
        return service;
    }
}
