package io.berth.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfFoldersTest {
    @TempDir Path folder;

    private void file(String name, String text) throws IOException {
        Files.createDirectories(folder.resolve(name).getParent());
        Files.writeString(folder.resolve(name), text);
    }

    private static String list(String name, String... types) {
        var plugins = new StringBuilder();
        for (var type : types) {
            plugins.append(plugins.isEmpty() ? "" : ",").append("{\"type\":\"" + type + "\"}");
        }
        return "{\"name\":\"%s\",\"cniVersion\":\"1.0.0\",\"plugins\":[%s]}"
                .formatted(name, plugins);
    }

    private ConfFolders.Loaded load(int wanted) {
        return new ConfFolders(List.of(folder), wanted).load();
    }

    private static List<String> names(ConfFolders.Loaded loaded) {
        return loaded.networks().stream().map(NetworkConf::name).toList();
    }

    @Test
    void firstByFileNameWins() throws IOException {
        file("20-b.conf", "{\"name\":\"b\",\"cniVersion\":\"0.4.0\",\"type\":\"bridge\"}");
        file("10-a.conflist", list("a", "bridge", "portmap"));
        file("30-c.json", "{\"name\":\"c\",\"cniVersion\":\"0.3.1\",\"type\":\"ptp\"}");
        file("00-z.txt", list("z", "bridge"));
        Files.createDirectory(folder.resolve("05-d.conflist"));
        assertThat(names(load(1))).containsExactly("a");
        assertThat(names(load(5))).containsExactly("a", "b", "c");
        assertThat(load(5).problems()).isEmpty();
    }

    @Test
    void invalidFilesAreNamedAndTheNextCounts() throws IOException {
        file("05-broken.conflist", "{\"name\": ");
        file("06-empty.conf", "");
        file("07-list.conf", list("x", "bridge"));
        file("10-a.conflist", list("a", "bridge"));
        var loaded = load(1);
        assertThat(names(loaded)).containsExactly("a");
        assertThat(loaded.problems()).hasSize(3);
        assertThat(loaded.problems().get(0)).contains("05-broken.conflist", "malformed JSON");
        assertThat(loaded.problems().get(1)).contains("06-empty.conf", "found nothing");
        assertThat(loaded.problems().get(2)).contains("rename the file to .conflist");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'cniVersion':'1.0.0','plugins':[{'type':'a'}]} | name: found none",
                "{'name':'../x','cniVersion':'1.0.0','plugins':[{'type':'a'}]} | name: found",
                "{'name':'n','plugins':[{'type':'a'}]} | cniVersion: found none",
                "{'name':'n','cniVersion':'0.2.0','plugins':[{'type':'a'}]} | found [0.2.0]",
                "{'name':'n','cniVersion':1,'plugins':[{'type':'a'}]} | cniVersion: found a number",
                "{'name':'n','cniVersion':'1.0.0','plugins':[]} | plugins: found 0",
                "{'name':'n','cniVersion':'1.0.0'} | plugins: found 0",
                "{'name':'n','cniVersion':'1.0.0','plugins':{}} | plugins: found an object",
                "{'name':'n','cniVersion':'1.0.0','plugins':[{}]} | plugins[0]: type: found none",
                "{'name':'n','cniVersion':'1.0.0','plugins':[{'type':'../sh'}]} | plugins[0]: type",
                "{'name':'n','cniVersion':'1.0.0','disableCheck':7,'plugins':[{'type':'a'}]}"
                        + " | disableCheck: found 7"
            })
    void problemsSayWhatWasFound(String conf, String problem) throws IOException {
        file("10-a.conflist", conf.replace('\'', '"'));
        assertThat(load(1).networks()).isEmpty();
        assertThat(load(1).problems()).singleElement().asString().contains(problem);
    }

    @Test
    void newestUnderstoodOfTheOfferedVersionsCounts() throws IOException {
        file(
                "10-a.conflist",
                "{\"name\":\"a\",\"cniVersion\":\"0.4.0\",\"cniVersions\":[\"1.1.0\",\"2.0.0\"],"
                        + "\"disableGC\":\"true\",\"plugins\":[{\"type\":\"x\"}]}");
        var network = load(1).networks().getFirst();
        assertThat(network.version()).hasToString("1.1.0");
        assertThat(network.disableGc()).isTrue();
        assertThat(network.disableCheck()).isFalse();
    }

    @Test
    void pluginsInFilesOfTheirOwnFollowTheInlinedOnes() throws IOException {
        file("10-a.conflist", list("a", "bridge"));
        file("a/20.conf", "{\"type\":\"tuning\"}");
        file("a/10.conf", "{\"type\":\"portmap\"}");
        assertThat(load(1).networks().getFirst().plugins())
                .extracting(PluginConf::type)
                .containsExactly("bridge", "portmap", "tuning");
        file("a/15.conf", "{}");
        assertThat(load(1).problems()).singleElement().asString().contains("a/15.conf", "type");
    }

    @Test
    void hugeAndSpecialFilesAreNotRead() throws IOException {
        file("10-huge.conflist", " ".repeat(ConfFolders.MAX_FILE_BYTES + 1));
        Files.createSymbolicLink(folder.resolve("20-null.conf"), Path.of("/dev/zero"));
        assertThat(load(1).problems())
                .hasSize(2)
                .anyMatch(it -> it.contains("more than 1048576 bytes"))
                .anyMatch(it -> it.contains("special file"));
    }

    @Test
    void missingFolderIsNoProblemButNoNetwork() {
        var missing = folder.resolve("none");
        var folders = new ConfFolders(List.of(missing), 1);
        assertThat(folders.load()).isEqualTo(ConfFolders.Loaded.NOTHING);
        assertThat(folders.absence(List.of()))
                .startsWith("no network configuration in " + missing + "; ");
    }
}
