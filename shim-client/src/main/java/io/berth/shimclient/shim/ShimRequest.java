package io.berth.shimclient.shim;

import com.google.protobuf.Any;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a shim is started from.
 *
 * @param id the sandbox's id
 * @param bundle the sandbox's bundle, an absolute path named like the id: the shim's delete looks
 *     for it there
 * @param shimBinary absolute path
 * @param options given to the start call on stdin; the empty Any for none
 * @param environment added to what every shim gets
 */
public record ShimRequest(
        String id, Path bundle, Path shimBinary, Any options, Map<String, String> environment) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*");
    private static final int MAX_ID_LENGTH = 76;

    public ShimRequest {
        requireBundleOf(id, bundle);
        if (!shimBinary.isAbsolute()) {
            throw new IllegalArgumentException(
                    "shim %s: binary %s, an absolute path wanted".formatted(id, shimBinary));
        }
        environment = Map.copyOf(environment);
    }

    static void requireBundleOf(String id, Path bundle) {
        if (id.length() > MAX_ID_LENGTH || !ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "id '%s': letters and digits joined by . _ - wanted, at most %d"
                            .formatted(id, MAX_ID_LENGTH));
        }
        if (!bundle.isAbsolute() || !bundle.endsWith(id)) {
            throw new IllegalArgumentException(
                    "bundle %s: an absolute path that ends in the id %s wanted"
                            .formatted(bundle, id));
        }
    }
}
