package io.berth.cni;

import io.berth.linux.HostFiles;
import io.berth.linux.Namespaces;
import io.berth.linux.Processes;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Gives pods their networks: a pinned network namespace each, attached by CNI plugins.
 *
 * <p>Every change needs an open step of the caller ({@code netns.create}, {@code cni.add}, {@code
 * cni.del}, {@code cni.gc}, {@code netns.remove}), who also has the intent in the ledger. Changes
 * of one pod must not overlap; those of different pods run in parallel. Checked failures are those
 * of the host's files; what plugins and configurations do wrong is a {@link CniException}.
 */
public final class PodNetworks implements Closeable {
    private static final Logger LOG = System.getLogger(PodNetworks.class.getName());

    private final CniConfig config;
    private final Namespaces namespaces;
    private final HostFiles files;
    private final Clock clock;
    private final ConfFolders folders;
    private final AttachmentFiles cache;
    private final Chains chains;
    private final NetworkWatch watch;
    private final StaleAttachments stale;

    /** Shared by ADD and DEL, exclusive to GC: the specification forbids them to overlap. */
    private final ReentrantReadWriteLock exclusion = new ReentrantReadWriteLock();

    /** Attached by this process, no DEL sent: no collection may take them for stale. */
    private final Set<String> attachedHere = ConcurrentHashMap.newKeySet();

    public PodNetworks(
            CniConfig config, Namespaces namespaces, Processes processes, HostFiles files) {
        this(config, namespaces, processes, files, Clock.systemUTC());
    }

    PodNetworks(
            CniConfig config,
            Namespaces namespaces,
            Processes processes,
            HostFiles files,
            Clock clock) {
        this.config = config;
        this.namespaces = namespaces;
        this.files = files;
        this.clock = clock;
        this.folders = new ConfFolders(config.confDirs(), config.maxConfNum());
        this.cache = new AttachmentFiles(config.cacheDir(), files);
        var plugins = new Plugins(config, processes);
        var versions = new PluginVersions(plugins);
        this.chains = new Chains(plugins);
        this.watch =
                new NetworkWatch(
                        config, folders, new StatusCheck(folders, plugins, versions, clock), clock);
        this.stale = new StaleAttachments(plugins, versions, exclusion);
    }

    /** Reads the configuration and starts to watch it and to sample the status. Call once. */
    public void start() {
        watch.start();
    }

    /** The last sample; never waits. Not ready until {@link #start} and the first sample. */
    public NetworkStatus status() {
        return watch.status();
    }

    /** The networks as last loaded; never waits. */
    public LoadedNetworks loaded() {
        var loaded = watch.loaded();
        return LoadedNetworks.of(config, loaded, folders.absence(loaded.problems()));
    }

    /** Reads the configuration now; the background does so on file events. */
    void reload() {
        watch.reload();
    }

    /** Told of every sample, on the sampling thread; one listener. */
    void onStatus(Consumer<NetworkStatus> listener) {
        watch.onStatus(listener);
    }

    /**
     * Writes the network configuration that the template makes of the node's pod CIDRs, if there is
     * a template and no configuration. It is the node's from then on, and stays.
     *
     * @param podCidrs one, or several with commas between; none writes nothing
     * @return the file that was written
     * @throws IllegalArgumentException naming what in the CIDRs or in the template is wrong
     */
    public Optional<Path> configure(String podCidrs) throws IOException {
        var cidrs = ConfTemplate.cidrs(podCidrs);
        var template = config.confTemplate();
        if (cidrs.isEmpty() || template.isEmpty() || !watch.reload().networks().isEmpty()) {
            return Optional.empty();
        }
        var content = ConfTemplate.render(template.get(), cidrs);
        var file = config.confDirs().getFirst().resolve(ConfTemplate.FILE);
        files.createDirectories(config.confDirs().getFirst(), 0755);
        files.write(file, content, 0644);
        watch.reload();
        return Optional.of(file);
    }

    /** Where the pod's network namespace is pinned: known before it exists. */
    public Path netnsPath(String sandboxId) {
        PodNetworkRequest.requireSandboxId(sandboxId);
        return config.netnsDir().resolve(sandboxId);
    }

    /** Makes the pod's network namespace, pinned; failure leaves what removeNetns removes. */
    public void createNetns(String sandboxId) throws IOException {
        createNetns(sandboxId, namespaces::createNetns);
    }

    /** As {@link #createNetns(String)}, made in another way, such as in a user namespace. */
    public void createNetns(String sandboxId, NetnsMaker maker) throws IOException {
        files.createDirectories(config.netnsDir(), 0700);
        maker.make(netnsPath(sandboxId));
    }

    /** Unpins the pod's network namespace; no error when it is gone already. */
    public void removeNetns(String sandboxId) throws IOException {
        namespaces.removeNetns(netnsPath(sandboxId));
    }

    /**
     * Brings up lo and meanwhile attaches the pod to the configured networks as eth0, eth1, … in
     * the pinned namespace. What is to be run is in the cache, durably, before a plugin runs. A
     * failure may leave parts: {@link #detach} removes them (SPEC.md, section 3: DEL follows a
     * failed ADD). What an earlier attempt of the same pod has left is detached first.
     *
     * @return of eth0
     * @throws CniException.NotConfigured there is no network; nothing was run
     * @throws CniException.PluginMissing a plugin is not there; nothing was run
     */
    public NetworkResult attach(PodNetworkRequest request) throws IOException {
        var found = networks();
        return attach(request, Optional.empty(), found, folders.absence(watch.loaded().problems()));
    }

    /**
     * The same to the networks of a folder of its own, read now.
     *
     * @param most how many of them
     */
    public NetworkResult attach(PodNetworkRequest request, Path confDir, int most)
            throws IOException {
        var own = new ConfFolders(List.of(confDir), most);
        var conf = own.load();
        return attach(request, Optional.of(confDir), conf.networks(), own.absence(conf.problems()));
    }

    /** The same; {@code absence} is the message if there is no network. */
    private NetworkResult attach(
            PodNetworkRequest request,
            Optional<Path> folder,
            List<NetworkConf> networks,
            String absence)
            throws IOException {
        exclusion.readLock().lock();
        try {
            var id = request.sandboxId();
            var intents = present(id, Optional.of(request), folder, networks);
            if (intents.isEmpty()) {
                throw new CniException.NotConfigured("pod %s: %s".formatted(id, absence));
            }
            intents.forEach(chains::requireAll);
            if (!cache.of(id).isEmpty()) {
                detach(request);
            }
            attachedHere.add(id);
            var results = new ArrayList<NetworkResult>();
            try (var _ = chains.loopback(id, netnsPath(id))) {
                for (var intent : intents) {
                    results.add(attach(intent));
                }
            }
            return results.getFirst();
        } finally {
            exclusion.readLock().unlock();
        }
    }

    private NetworkResult attach(CachedAttachment intent) throws IOException {
        cache.put(intent);
        var result = chains.add(intent, failed -> cache.put(intent.withFailure(failed)));
        cache.put(intent.withResult(result));
        return Chains.forPod(intent, result);
    }

    /**
     * Detaches the pod from the networks that it was attached to, with the plugins and arguments of
     * then, whatever the configuration says now; succeeds when there is nothing left. Works when
     * the namespace is gone, but detach first: with it go the addresses by which the bridge plugin
     * finds its masquerading rules, and these then stay. Every plugin is tried; the cache forgets
     * an attachment once all of its plugins have confirmed.
     *
     * <p>Nothing cached means that no plugin ran; should the cache have been lost, DEL is still
     * sent by the present configuration to the plugins that are there.
     *
     * @throws CniException.DetachIncomplete what is not undone; detach again later
     */
    public void detach(PodNetworkRequest request) throws IOException {
        detach(request.sandboxId(), Optional.of(request));
    }

    /** As {@link #detach(PodNetworkRequest)}, for a pod of which only the id is known. */
    public void detach(String sandboxId) throws IOException {
        PodNetworkRequest.requireSandboxId(sandboxId);
        detach(sandboxId, Optional.empty());
    }

    /**
     * Whether DEL may leave rules of a pod: an earlier one failed, or was cut with its daemon, or
     * the cache was lost. The bridge plugin finds its rules by an interface that is gone then.
     */
    public boolean mayLeaveRemains(String sandboxId) throws IOException {
        return !attachedHere.contains(sandboxId) || results(sandboxId).isEmpty();
    }

    private void detach(String sandboxId, Optional<PodNetworkRequest> request) throws IOException {
        exclusion.readLock().lock();
        try {
            if (!attachedHere.contains(sandboxId) && !cache.of(sandboxId).isEmpty()) {
                OrphanedPlugins.end(sandboxId, config.timeouts().orphan());
            }
            boolean pinned = namespaces.isPinned(netnsPath(sandboxId));
            var failures =
                    new Detachment(cache, chains, config.confDirs(), this::byToday)
                            .detach(sandboxId, request, pinned);
            attachedHere.remove(sandboxId);
            if (!failures.isEmpty()) {
                throw new CniException.DetachIncomplete(sandboxId, failures);
            }
        } finally {
            exclusion.readLock().unlock();
        }
    }

    private List<CachedAttachment> byToday(String id, Optional<PodNetworkRequest> request) {
        return present(id, request, Optional.empty(), networks());
    }

    private List<CachedAttachment> present(
            String sandboxId,
            Optional<PodNetworkRequest> request,
            Optional<Path> folder,
            List<NetworkConf> networks) {
        var capabilities =
                request.map(Capabilities::of).orElseGet(() -> Capabilities.of(sandboxId));
        var attachments = new ArrayList<CachedAttachment>();
        for (int i = 0; i < networks.size(); i++) {
            attachments.add(
                    new CachedAttachment(
                            sandboxId,
                            "eth" + i,
                            netnsPath(sandboxId),
                            networks.get(i),
                            capabilities,
                            new CachedAttachment.Origin(
                                    folder, clock.instant().truncatedTo(ChronoUnit.MILLIS)),
                            CachedAttachment.Outcome.OPEN));
        }
        return attachments;
    }

    /**
     * Gives a pod's attachments up: detaches as {@link #detach(String)} does, and forgets what the
     * plugins do not confirm. Only an operator may order that: an address that a plugin still holds
     * stays taken, and a rule that it made stays.
     *
     * @return what was given up; empty if all was detached
     */
    public List<CniException> giveUp(String sandboxId) throws IOException {
        try {
            detach(sandboxId);
            return List.of();
        } catch (CniException.DetachIncomplete incomplete) {
            cache.remove(sandboxId);
            return incomplete.failures();
        }
    }

    /**
     * Asks the plugins whether the pod's attachments are as they made them (CHECK). Networks before
     * 0.4.0 and those with {@code disableCheck} are not asked.
     *
     * @throws CniException.NotConfigured the pod has no attachment
     * @throws CniException the first plugin that found something wrong
     */
    public void check(String sandboxId) throws IOException {
        PodNetworkRequest.requireSandboxId(sandboxId);
        var cached = cache.of(sandboxId).stream().flatMap(it -> it.content().stream()).toList();
        if (cached.isEmpty()) {
            throw new CniException.NotConfigured(
                    "pod %s: found no network attachment, wanted one".formatted(sandboxId));
        }
        cached.forEach(chains::check);
    }

    /**
     * Detaches pods that have attachments and no owner, then tells plugins that have GC which
     * attachments remain, so that they drop what nobody knows of. Attachments that this process
     * made are never taken for stale. GC is left out when ADD and DEL leave no moment for it.
     *
     * @param liveSandboxIds the pods that have an owner
     * @return what could not be done; empty when all is clean
     */
    public List<CniException> gc(Set<String> liveSandboxIds) throws IOException {
        var failures = new ArrayList<CniException>();
        for (var id : attachments()) {
            if (!liveSandboxIds.contains(id) && !attachedHere.contains(id)) {
                LOG.log(Level.INFO, "sandbox={0} detached: it has no owner", id);
                try {
                    detach(id);
                } catch (CniException incomplete) {
                    failures.add(incomplete);
                }
            }
        }
        var networks = networks();
        for (int i = 0; i < networks.size(); i++) {
            var interfaceName = "eth" + i;
            failures.addAll(
                    stale.collect(
                            networks.get(i),
                            network ->
                                    StaleAttachments.valid(
                                            cache, network, interfaceName, liveSandboxIds)));
        }
        return failures;
    }

    /** The pods that have something in the cache, for comparison with the ledger. */
    public List<String> attachments() throws IOException {
        return cache.all().stream().map(AttachmentFiles.Entry::sandboxId).distinct().toList();
    }

    /** What is in the cache and readable; {@link #attachments()} also names the unreadable. */
    public List<Attachment> attachmentRecords() throws IOException {
        return cache.all().stream()
                .flatMap(entry -> entry.content().stream())
                .map(CachedAttachment::describe)
                .toList();
    }

    /** What each of a pod's networks gave it, in their order; empty without an attachment. */
    public List<NetworkResult> results(String sandboxId) throws IOException {
        return cache.results(sandboxId);
    }

    /** The names in the folder of netns pins, which are sandbox ids; pinned or not. */
    public List<String> netnsPins() throws IOException {
        var folder = config.netnsDir();
        try (var pins = Files.exists(folder) ? Files.list(folder) : Stream.<Path>empty()) {
            return pins.map(pin -> pin.getFileName().toString()).sorted().toList();
        }
    }

    /**
     * The addresses that {@code host-local} holds in the configured networks and in those of cached
     * attachments; other runtimes may share these, so an id that berth never gave is not ours.
     */
    public List<IpReservation> ipReservations() throws IOException {
        return HostLocalFiles.reservations(
                Stream.concat(networks().stream(), cache.networks().stream()).toList());
    }

    /** What is loaded; looks again when there is nothing, since it may have come just now. */
    private List<NetworkConf> networks() {
        var networks = watch.loaded().networks();
        return networks.isEmpty() ? watch.reload().networks() : networks;
    }

    /** Ends the background; attachments stay as they are. */
    @Override
    public void close() throws IOException {
        watch.close();
    }
}
