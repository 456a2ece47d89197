package io.berth.storage.layer;

/**
 * A layer that is refused: it is damaged, breaks its format, exceeds a limit or reaches for files
 * outside itself. Trying again cannot help. What was applied before the member stays in the
 * directory, which the caller discards.
 */
public final class HostileLayer extends RuntimeException {
    private final String member;
    private final String found;
    private final String wanted;

    /**
     * A refusal.
     *
     * @param member the tar member's name as far as it is known, or the stream's part
     * @param found what the layer says
     * @param wanted what is accepted
     */
    public HostileLayer(String member, String found, String wanted) {
        super(
                "layer member %s: found %s, wanted %s"
                        .formatted(printable(member), printable(found), wanted));
        this.member = printable(member);
        this.found = printable(found);
        this.wanted = wanted;
    }

    /** The member that is refused, made printable and cut to 200 characters. */
    public String member() {
        return member;
    }

    /** What the layer says. */
    public String found() {
        return found;
    }

    /** What is accepted. */
    public String wanted() {
        return wanted;
    }

    /**
     * Foreign text for a log line: control characters and bytes that are no text become dots, and
     * it ends at 200.
     */
    private static String printable(String foreign) {
        var text = new StringBuilder();
        for (int i = 0; i < foreign.length() && text.length() < 200; i++) {
            char c = foreign.charAt(i);
            boolean plain = !Character.isISOControl(c) && !Character.isSurrogate(c);
            text.append(plain ? c : '.');
        }
        return foreign.length() > 200 ? text + "…" : text.toString();
    }
}
