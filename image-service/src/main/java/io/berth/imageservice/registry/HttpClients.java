package io.berth.imageservice.registry;

import io.berth.imageservice.registry.RegistryHost.ClientPair;
import io.berth.imageservice.registry.RegistryHost.Trust;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Makes the HTTP client for one kind of trust. Redirects are left to the session. */
final class HttpClients {

    private HttpClients() {}

    /**
     * What tells two clients apart; the stamps notice a certificate that was replaced.
     *
     * @param stamps modification times of the trust's files
     */
    record Key(Trust trust, Duration dialTimeout, List<FileTime> stamps) {}

    static List<FileTime> stamps(Trust trust) throws IOException {
        List<FileTime> stamps = new ArrayList<>();
        for (Path file : trust.authorities()) {
            stamps.add(Files.getLastModifiedTime(file));
        }
        for (ClientPair pair : trust.clients()) {
            stamps.add(Files.getLastModifiedTime(pair.certificate()));
            stamps.add(Files.getLastModifiedTime(pair.key()));
        }
        return List.copyOf(stamps);
    }

    static HttpClient open(Key key) throws IOException {
        var builder =
                HttpClient.newBuilder()
                        .connectTimeout(key.dialTimeout())
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .proxy(EnvironmentProxies.of(System.getenv()))
                        .executor(Executors.newVirtualThreadPerTaskExecutor());
        if (!key.trust().equals(Trust.SYSTEM)) {
            builder.sslContext(context(key.trust()));
        }
        return builder.build();
    }

    private static SSLContext context(Trust trust) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(trust), trusted(trust), null);
            return context;
        } catch (GeneralSecurityException unusable) {
            throw new IOException("TLS settings: " + unusable.getMessage(), unusable);
        }
    }

    private static KeyManager[] keys(Trust trust) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        char[] none = new char[0];
        for (ClientPair pair : trust.clients()) {
            X509Certificate[] chain =
                    PemFiles.certificates(pair.certificate()).toArray(X509Certificate[]::new);
            store.setKeyEntry(
                    pair.certificate().toString(), PemFiles.privateKey(pair.key()), none, chain);
        }
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, none);
        return factory.getKeyManagers();
    }

    private static TrustManager[] trusted(Trust trust)
            throws IOException, GeneralSecurityException {
        if (trust.unverified()) {
            return new TrustManager[] {new Unverified()};
        }
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int count = 0;
        for (X509Certificate certificate : system()) {
            store.setCertificateEntry("system-" + count++, certificate);
        }
        for (Path file : trust.authorities()) {
            for (X509Certificate certificate : PemFiles.certificates(file)) {
                store.setCertificateEntry("added-" + count++, certificate);
            }
        }
        return managers(store);
    }

    private static List<X509Certificate> system() throws GeneralSecurityException {
        List<X509Certificate> known = new ArrayList<>();
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager x509) {
                known.addAll(List.of(x509.getAcceptedIssuers()));
            }
        }
        return known;
    }

    private static TrustManager[] managers(KeyStore store) throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    /** {@code skip_verify = true}: an administrator's explicit word for one host. */
    private static final class Unverified extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
