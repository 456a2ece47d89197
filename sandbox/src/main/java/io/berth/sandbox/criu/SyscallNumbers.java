package io.berth.sandbox.criu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The names of system calls by their numbers, for each way that x86-64 machines make calls. */
final class SyscallNumbers {
    private static final String RESOURCE = "syscall-numbers.txt";
    private static final List<String> ABIS = List.of("x86_64", "x86", "x32");
    private static final Map<String, Map<Integer, String>> NAMES = load();

    /** The calls behind socketcall(2) of i386 by their first argument, from 1 on. */
    private static final List<String> SOCKETCALL =
            List.of(
                    "socket",
                    "bind",
                    "connect",
                    "listen",
                    "accept",
                    "getsockname",
                    "getpeername",
                    "socketpair",
                    "send",
                    "recv",
                    "sendto",
                    "recvfrom",
                    "shutdown",
                    "setsockopt",
                    "getsockopt",
                    "sendmsg",
                    "recvmsg",
                    "accept4",
                    "recvmmsg",
                    "sendmmsg");

    /** The calls behind ipc(2) of i386 by their first argument. */
    private static final Map<Integer, String> IPC =
            Map.ofEntries(
                    Map.entry(1, "semop"),
                    Map.entry(2, "semget"),
                    Map.entry(3, "semctl"),
                    Map.entry(4, "semtimedop"),
                    Map.entry(11, "msgsnd"),
                    Map.entry(12, "msgrcv"),
                    Map.entry(13, "msgget"),
                    Map.entry(14, "msgctl"),
                    Map.entry(21, "shmat"),
                    Map.entry(22, "shmdt"),
                    Map.entry(23, "shmget"),
                    Map.entry(24, "shmctl"));

    private SyscallNumbers() {}

    /** A call that can also be made through another call's first argument. */
    @FunctionalInterface
    interface Multiplexed {
        void call(String multiplexer, int number, String name);
    }

    static void multiplexed(Multiplexed each) {
        for (int at = 0; at < SOCKETCALL.size(); at++) {
            each.call("socketcall", at + 1, SOCKETCALL.get(at));
        }
        IPC.forEach((number, name) -> each.call("ipc", number, name));
    }

    /** Returns the name of a call; empty where the number has none. */
    static String name(String abi, int number) {
        return NAMES.getOrDefault(abi, Map.of()).getOrDefault(number, "");
    }

    private static Map<String, Map<Integer, String>> load() {
        try (var in = SyscallNumbers.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + ": not among the class files");
            }
            var names = new HashMap<String, Map<Integer, String>>();
            var text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (var line : text.lines().filter(each -> !each.startsWith("#")).toList()) {
                var words = List.of(line.split(" ", -1));
                for (int abi = 0; abi < ABIS.size(); abi++) {
                    if (!words.get(abi + 1).equals("-")) {
                        names.computeIfAbsent(ABIS.get(abi), _ -> new HashMap<>())
                                .put(Integer.parseInt(words.get(abi + 1)), words.getFirst());
                    }
                }
            }
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
