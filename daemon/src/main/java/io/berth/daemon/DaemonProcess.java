package io.berth.daemon;

import io.berth.daemon.config.ConfigException;
import io.berth.daemon.config.ConfigFiles;
import io.berth.daemon.config.NodeConfig;
import io.berth.linux.CgroupPath;
import io.berth.linux.Cgroups;
import io.berth.linux.Linux;
import io.berth.linux.LinuxCalls;
import io.berth.linux.ProcessCalls;
import io.berth.linux.step.FaultObserver;
import io.berth.linux.step.JournalObserver;
import io.berth.linux.step.StepObserver;
import io.berth.linux.step.Steps;
import io.berth.storage.StorageLocked;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * The daemon as a process: from its configuration to its last breath. SIGTERM and SIGINT end it
 * cleanly; pods are not disturbed by its end, however it comes.
 */
public final class DaemonProcess {
    private static final Logger LOG = System.getLogger(DaemonProcess.class.getName());

    private DaemonProcess() {}

    /** Where the configuration is read from when nothing else is said. */
    public static final Path CONFIG = Path.of("/etc/berth/config.toml");

    /**
     * Why the daemon did not start, in one or more lines for the operator. It has left nothing
     * behind.
     */
    public static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }

        Refused(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Runs the daemon until a signal ends it.
     *
     * @param config the main file; if none is given the default one, which may be absent
     * @param root replaces the configured root
     * @param state replaces the configured state
     * @throws Refused if it cannot start
     */
    @SuppressWarnings("try") // closing may be interrupted, and then ends all the sooner
    public static void run(Optional<Path> config, Optional<Path> root, Optional<Path> state) {
        var linux = new LinuxCalls();
        refuseWhatCannotWork();
        LogFormat.install();
        var loaded = load(config);
        var chosen = loaded.config().at(root, state);
        FolderNames.require("root", chosen.root());
        FolderNames.require("state", chosen.state());
        loaded.warnings()
                .forEach(problem -> LOG.log(Logger.Level.WARNING, "left out: {0}", problem));
        var stop = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(stop, ended), "shutdown"));
        try (var closer = new Closer()) {
            Steps.observe(observer(linux));
            settle(chosen, linux);
            OldGeneration.watch().ifPresent(closer::add);
            Daemon.open(chosen, loaded.warnings(), linux, Clock.systemUTC(), closer).start();
            Notify.ready();
            stop.await();
            Notify.stopping();
        } catch (StorageLocked e) {
            throw new Refused(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new Refused("berth daemon: " + e.getMessage(), e);
        } finally {
            ended.countDown();
        }
        LOG.log(Logger.Level.INFO, "ended; pods run on");
    }

    private static ConfigFiles.Loaded load(Optional<Path> config) {
        try {
            return ConfigFiles.load(config.orElse(CONFIG), config.isEmpty());
        } catch (ConfigException e) {
            throw new Refused(String.valueOf(e.getMessage()), e);
        }
    }

    private static void refuseWhatCannotWork() {
        var os = System.getProperty("os.name", "");
        var architecture = System.getProperty("os.arch", "");
        if (!os.equals("Linux") || !architecture.equals("amd64")) {
            throw new Refused(
                    "berth daemon: found %s on %s, wanted Linux on x86-64"
                            .formatted(os, architecture.toLowerCase(Locale.ROOT)));
        }
        try {
            var uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            if (!Integer.valueOf(0).equals(uid)) {
                throw new Refused(
                        "berth daemon: found user id %s, wanted root; run it with sudo or as a"
                                        .formatted(uid)
                                + " service");
            }
        } catch (IOException e) {
            throw new Refused("berth daemon: /proc is not there: " + e.getMessage(), e);
        }
    }

    /** The process's own place: its oom_score_adj and its cgroup. */
    private static void settle(NodeConfig config, Linux linux) throws IOException {
        var score = config.process().oomScore();
        if (score.isPresent()) {
            int got = linux.setOomScoreAdj(linux.getpid(), score.get());
            if (got != score.get()) {
                LOG.log(
                        Logger.Level.WARNING,
                        "oom_score_adj: wanted {0}, the kernel grants {1} without"
                                + " CAP_SYS_RESOURCE",
                        score.get().toString(),
                        Integer.toString(got));
            }
        }
        var cgroup = config.process().cgroup();
        if (cgroup.isPresent()) {
            var own = new CgroupPath(cgroup.get());
            Steps.run(
                    "daemon.cgroup",
                    own.value(),
                    () -> Cgroups.detect(linux).enter(own, linux.getpid()));
        }
    }

    /** Tests make a step fail, or end the daemon beside one, through the environment. */
    private static StepObserver observer(Linux linux) throws IOException {
        var observer = StepObserver.NONE;
        var journal = System.getenv("BERTH_STEPS");
        if (journal != null) {
            observer = observer.andThen(JournalObserver.open(Path.of(journal)));
        }
        var fault = System.getenv("BERTH_FAULT");
        if (fault != null) {
            LOG.log(Logger.Level.WARNING, "BERTH_FAULT is set, this daemon will fail: {0}", fault);
            observer = observer.andThen(FaultObserver.parse(fault, () -> killSelf(linux)));
        }
        return observer;
    }

    private static void killSelf(Linux linux) {
        try {
            linux.kill(linux.getpid(), ProcessCalls.SIGKILL);
        } catch (IOException e) {
            throw new AssertionError("a process can always signal itself", e);
        }
    }

    private static void end(CountDownLatch stop, CountDownLatch ended) {
        stop.countDown();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
