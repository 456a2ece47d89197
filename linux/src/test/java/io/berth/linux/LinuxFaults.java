package io.berth.linux;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/**
 * Breaks chosen calls of a kernel, by the names of the methods of {@link Linux}: {@code umount},
 * {@code unlinkat}. A call that another method of the port makes, such as the {@code renameat2} of
 * {@code rename}, is found as well.
 */
public final class LinuxFaults {
    private final List<Fault> faults = new CopyOnWriteArrayList<>();
    private final Linux port;

    /** Breaks nothing yet. */
    public LinuxFaults(Linux kernel) {
        InvocationHandler handler =
                (proxy, method, arguments) -> {
                    var given = arguments == null ? new Object[0] : arguments;
                    meet(method.getName(), given);
                    if (method.isDefault() && method.equals(of(kernel, method))) {
                        return InvocationHandler.invokeDefault(proxy, method, given);
                    }
                    try {
                        return method.invoke(kernel, given);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                };
        this.port =
                (Linux)
                        Proxy.newProxyInstance(
                                Linux.class.getClassLoader(),
                                new Class<?>[] {Linux.class},
                                handler);
    }

    private static Method of(Linux kernel, Method method) throws NoSuchMethodException {
        return kernel.getClass().getMethod(method.getName(), method.getParameterTypes());
    }

    /** The kernel with its faults. */
    public Linux port() {
        return port;
    }

    /** What a call meets: an error, or a wait. */
    private record Fault(String call, String about, boolean once, int errno, Optional<Held> held) {
        boolean hits(String name, Object[] arguments) {
            if (!call.equals(name)) {
                return false;
            }
            for (var argument : arguments) {
                if (String.valueOf(argument).contains(about)) {
                    return true;
                }
            }
            return about.isEmpty();
        }
    }

    /** Calls that wait. Each waits until all are let go. */
    public static final class Held {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        private Held() {}

        /** Waits until a call is held. */
        public void awaitCall() {
            await(reached);
        }

        /** Lets all calls go on, now and later. */
        public void release() {
            released.countDown();
        }

        private void hold() {
            reached.countDown();
            await(released);
        }

        private static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted in a call of the kernel", e);
            }
        }
    }

    /** The next call of this name fails. */
    public void failNext(String call, int errno) {
        faults.add(new Fault(call, "", true, errno, Optional.empty()));
    }

    /** Each call of this name fails that has {@code about} in one of its arguments. */
    public void fail(String call, String about, int errno) {
        faults.add(new Fault(call, about, false, errno, Optional.empty()));
    }

    /** The next call of this name with {@code about} in one of its arguments waits. */
    public Held hold(String call, String about) {
        var held = new Held();
        faults.add(new Fault(call, about, true, 0, Optional.of(held)));
        return held;
    }

    /** No call fails from now on; calls that wait are let go. */
    public void heal() {
        var ended = List.copyOf(faults);
        faults.clear();
        ended.forEach(fault -> fault.held().ifPresent(Held::release));
    }

    private void meet(String call, Object[] arguments) throws LinuxException {
        var met = faults.stream().filter(fault -> fault.hits(call, arguments)).findFirst();
        // One that is gone by now was another call's.
        if (met.isEmpty() || (met.get().once() && !faults.remove(met.get()))) {
            return;
        }
        if (met.get().held().isPresent()) {
            met.get().held().get().hold();
            return;
        }
        var about = arguments.length == 0 ? "" : String.valueOf(arguments[0]);
        throw new LinuxException(call, met.get().errno(), about);
    }
}
