package io.berth.sandbox.spec;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import io.berth.sandbox.SandboxException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Holds every request against the table of what berth honours: a field that it does not honour yet
 * is refused by its name instead of being ignored, and so is a text that no kernel would take.
 */
public final class FieldPolicy {
    private static final FieldRules RULES = FieldRules.load();
    private static final Set<String> KEPT = Set.of("labels", "annotations", "label_selector");

    private FieldPolicy() {}

    /**
     * Returns if every field of the request is honoured or cannot make a difference.
     *
     * @throws SandboxException.InvalidRequest naming the path of the first field that is not, the
     *     value found, those that pass, and why
     */
    public static void check(Message request) {
        message(request, "", "");
    }

    /**
     * @param within name, in the table, of the field that the message stands in
     * @param path where it stands in the request, with a dot at its end
     */
    private static void message(Message message, String within, String path) {
        for (var field : message.getDescriptorForType().getFields()) {
            var rule =
                    RULES.find(within, field)
                            .orElseThrow(
                                    () ->
                                            new IllegalStateException(
                                                    "field %s: has no rule"
                                                            .formatted(FieldRules.name(field))));
            if (rule.verdict() != FieldRule.Verdict.IRRELEVANT) {
                field(message, field, rule, path + field.getName());
            }
        }
    }

    private static void field(Message message, FieldDescriptor field, FieldRule rule, String path) {
        switch (rule.passes()) {
            case FieldRule.Passes.Anything _ -> {
                known(message, field, rule, path);
                whole(message, field, path);
            }
            case FieldRule.Passes.Unset _ -> {
                if (set(message, field)) {
                    throw refusal(path, found(message, field), "none", rule);
                }
            }
            case FieldRule.Passes.OneOf(var values) -> {
                if (!values.contains(text(message.getField(field)))) {
                    var wanted = String.join(" or ", quoted(values));
                    throw refusal(path, found(message, field), wanted, rule);
                }
            }
            case FieldRule.Passes.ItsFields _ -> descend(message, field, path);
        }
    }

    private static void descend(Message message, FieldDescriptor field, String path) {
        var within = FieldRules.name(field);
        if (field.isRepeated()) {
            for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
                var element = (Message) message.getRepeatedField(field, i);
                message(element, within, path + "[" + i + "].");
            }
        } else if (message.hasField(field)) {
            message((Message) message.getField(field), within, path + ".");
        }
    }

    /** A value that this version of the protocol does not name can be honoured by nobody. */
    private static void known(Message message, FieldDescriptor field, FieldRule rule, String path) {
        if (field.getJavaType() == JavaType.ENUM
                && !field.isRepeated()
                && ((EnumValueDescriptor) message.getField(field)).getIndex() < 0) {
            throw refusal(path, found(message, field), "a value that is known", rule);
        }
    }

    /**
     * No path, no name, no argument of a program can contain a NUL character; labels and
     * annotations can, which are only kept.
     */
    private static void whole(Message message, FieldDescriptor field, String path) {
        if (KEPT.contains(field.getName())) {
            return;
        }
        if (!field.isRepeated()) {
            if (field.getJavaType() != JavaType.MESSAGE || message.hasField(field)) {
                whole(message.getField(field), path);
            }
            return;
        }
        for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
            whole(message.getRepeatedField(field, i), path);
        }
    }

    private static void whole(Object value, String path) {
        if (value instanceof Message inner) {
            inner.getDescriptorForType()
                    .getFields()
                    .forEach(field -> whole(inner, field, path + "." + field.getName()));
        } else if (value instanceof String text && text.indexOf('\0') >= 0) {
            throw new SandboxException.InvalidRequest(
                    "%s: found a NUL character after %d others, wanted a text without it"
                            .formatted(path, text.indexOf('\0')));
        }
    }

    private static boolean set(Message message, FieldDescriptor field) {
        if (field.isRepeated()) {
            return message.getRepeatedFieldCount(field) > 0;
        }
        return field.hasPresence()
                ? message.hasField(field)
                : !message.getField(field).equals(field.getDefaultValue());
    }

    private static String found(Message message, FieldDescriptor field) {
        if (field.isRepeated()) {
            return "%d of them".formatted(message.getRepeatedFieldCount(field));
        }
        if (field.getJavaType() == JavaType.MESSAGE) {
            return "one";
        }
        var value = message.getField(field);
        return value instanceof String text ? "'" + text + "'" : text(value);
    }

    private static String text(Object value) {
        return value instanceof EnumValueDescriptor named ? named.getName() : String.valueOf(value);
    }

    private static List<String> quoted(Iterable<String> values) {
        var sorted = new TreeSet<String>();
        values.forEach(value -> sorted.add(value.isEmpty() ? "none" : value));
        return List.copyOf(sorted);
    }

    private static SandboxException.InvalidRequest refusal(
            String path, String found, String wanted, FieldRule rule) {
        return new SandboxException.InvalidRequest(
                "%s: found %s, wanted %s; berth does not honour it yet: %s"
                        .formatted(path, found, wanted, rule.reason()));
    }
}
