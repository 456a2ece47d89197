package io.berth.shimclient.shim;

import com.google.protobuf.Any;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * One shim process and the tasks in it, whichever version of the Task service it speaks.
 *
 * <p>Calls block, may come from any thread, and run beside each other. All of them throw {@link
 * ShimException.ShimLost} at once when the shim's process is gone, {@link ShimException.TimedOut}
 * at their named timeout, {@link ShimException.NotFound} for a task or exec the shim does not know,
 * {@link ShimException.GivenUp} when this side closed the connection or the caller was interrupted,
 * and {@link ShimException.Failed} with the runtime's words for the rest. Calls that change
 * something want an open step. A connection that broke under a live shim is made again.
 *
 * <p>{@code execId} is empty for a container's first process.
 */
public interface Shim extends AutoCloseable {
    /** The sandbox's id, under which the shim was started. */
    String id();

    /** The process, as the shim tells it. */
    int shimPid();

    /** The shim's socket, as {@code unix://PATH}. */
    String address();

    TaskApi version();

    /** False once the kernel says that the process is gone. */
    boolean isAlive();

    /**
     * Makes the container's namespaces, cgroup and rootfs, with its first process waiting to run.
     *
     * @return pid of that process
     */
    int create(TaskRequest request);

    /**
     * Lets the first process run.
     *
     * @return its pid
     */
    int start(String id);

    /** Signals a process, or with {@code all} each process of the container. */
    void kill(String id, String execId, int signal, boolean all);

    /** Waits, without a deadline, until the process has ended; at once if it has. */
    TaskExit waitFor(String id, String execId);

    /** Makes the shim forget an ended process; for the first one that removes the container. */
    DeletedTask delete(String id, String execId);

    TaskState state(String id, String execId);

    /** Registers a further process; {@link #startExec} runs it. */
    void exec(String id, String execId, ExecRequest request);

    /** Runs a registered further process; its pid. */
    int startExec(String id, String execId);

    /** Sets the size of the process's terminal. */
    void resize(String id, String execId, int width, int height);

    /** Closes the shim's writing end of the process's stdin. */
    void closeIo(String id, String execId);

    /** All processes of the container, as the host numbers them. */
    List<Integer> pids(String id);

    /**
     * Changes the container's limits.
     *
     * @param resources see {@link OciAny#linuxResources}
     * @param annotations for shims that know more than the OCI's resources
     */
    void update(String id, Any resources, Map<String, String> annotations);

    /** Freezes all processes of the container. */
    void pause(String id);

    /** Lets a paused container go on. */
    void resume(String id);

    /**
     * Saves the container's processes to files, by CRIU; it goes on as it was.
     *
     * @param images an empty directory for the files
     * @param options see {@link RuncCheckpoint}; the empty Any for none
     * @param timeout for all of it
     */
    void checkpoint(String id, Path images, Any options, Duration timeout);

    /**
     * Asks the shim to leave, and waits for its process to end; success if it has already. A shim
     * that still has tasks stays, which is {@link ShimException.Failed}.
     */
    void shutdown();

    /** Drops the connection; shim and tasks live on. Waits in progress throw. */
    @Override
    void close();
}
