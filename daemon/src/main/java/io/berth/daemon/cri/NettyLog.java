package io.berth.daemon.cri;

import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.util.logging.Level;
import java.util.logging.Logger;

/** What Netty may say: nothing of the TCP options that gRPC sets on unix sockets too. */
public final class NettyLog {
    /** Held, since a logger that nobody holds forgets its level. */
    private static final Logger BOOTSTRAP = Logger.getLogger("io.netty.bootstrap");

    private NettyLog() {}

    /** Sets it for this process, before the first channel is made. */
    public static void quieten() {
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
        BOOTSTRAP.setLevel(Level.SEVERE);
    }
}
