package io.berth.storage.layer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes down what a layer does, touching no file. */
final class RecordingSink implements LayerSink {
    final List<String> calls = new ArrayList<>();

    @Override
    public void directory(LayerPath path, TarMember member) {
        calls.add("directory " + path);
    }

    @Override
    public void file(LayerPath path, TarMember member, Content content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        byte[] buffer = new byte[100];
        for (int read = content.read(buffer, 100); read > 0; read = content.read(buffer, 100)) {
            bytes.write(buffer, 0, read);
        }
        calls.add("file " + path + " " + bytes.toString(StandardCharsets.UTF_8));
    }

    @Override
    public void symlink(LayerPath path, TarMember member) {
        calls.add("symlink " + path + " " + member.linkName());
    }

    @Override
    public void hardLink(LayerPath path, LayerPath target, TarMember member) {
        calls.add("hardLink " + path + " " + target);
    }

    @Override
    public void node(LayerPath path, TarMember member) {
        calls.add("node " + path);
    }

    @Override
    public void whiteout(LayerPath path, TarMember member) {
        calls.add("whiteout " + path);
    }

    @Override
    public void opaque(LayerPath directory, TarMember member) {
        calls.add("opaque " + directory);
    }
}
