package io.berth.sandbox.operation;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Makes variants of a request in which a single field, at any depth, has an odd value. Fields of
 * the protocol are found by its descriptors.
 */
final class OddRequests {
    /** Another system's; and what a pod is told of the limits of its containers. */
    private static final Set<String> LEFT_OUT = Set.of("windows", "overhead");

    private static final List<String> TEXTS = List.of("", "a\0b", "a\nb", "..");

    private static final String LONG = "x".repeat(5000);
    private static final List<Long> NUMBERS = List.of(-1L, Long.MAX_VALUE - 1);
    private static final int NO_SUCH_ENUM = 99;

    private OddRequests() {}

    /** Hands over each variant with the path and value that make it odd. */
    static void of(Message request, BiConsumer<String, Message> each) {
        walk(request, "", each);
    }

    private static void walk(Message message, String path, BiConsumer<String, Message> each) {
        for (var field : message.getDescriptorForType().getFields()) {
            if (!LEFT_OUT.contains(field.getName())) {
                field(message, field, path + field.getName(), each);
            }
        }
    }

    private static void field(
            Message message, FieldDescriptor field, String path, BiConsumer<String, Message> each) {
        if (field.isMapField()) {
            var entry = message.toBuilder().newBuilderForField(field);
            for (var part : entry.getDescriptorForType().getFields()) {
                odd(part)
                        .forEach(
                                (name, value) -> {
                                    var made = entry.clone();
                                    entry.getDescriptorForType()
                                            .getFields()
                                            .forEach(it -> made.setField(it, plain(it)));
                                    made.setField(part, value);
                                    each.accept(
                                            path + "." + part.getName() + " = " + name,
                                            with(message, field, made.build()));
                                });
            }
        } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            walk(
                    child(message, field),
                    path + ".",
                    (inner, value) -> each.accept(inner, with(message, field, value)));
        } else {
            odd(field)
                    .forEach(
                            (name, value) ->
                                    each.accept(path + " = " + name, with(message, field, value)));
        }
    }

    private static Message child(Message message, FieldDescriptor field) {
        if (!field.isRepeated()) {
            return (Message) message.getField(field);
        }
        return message.getRepeatedFieldCount(field) > 0
                ? (Message) message.getRepeatedField(field, 0)
                : message.toBuilder().newBuilderForField(field).build();
    }

    private static Message with(Message message, FieldDescriptor field, Object value) {
        var builder = message.toBuilder();
        if (!field.isRepeated()) {
            return builder.setField(field, value).build();
        }
        return message.getRepeatedFieldCount(field) > 0
                ? builder.setRepeatedField(field, 0, value).build()
                : builder.addRepeatedField(field, value).build();
    }

    private static Object plain(FieldDescriptor field) {
        return field.getJavaType() == FieldDescriptor.JavaType.STRING
                ? "plain"
                : field.getDefaultValue();
    }

    private static Map<String, Object> odd(FieldDescriptor field) {
        var values = new java.util.LinkedHashMap<String, Object>();
        switch (field.getJavaType()) {
            case STRING -> {
                TEXTS.forEach(text -> values.put("'" + text.replace('\0', '0') + "'", text));
                values.put("much text", LONG);
            }
            case INT -> NUMBERS.forEach(it -> values.put("" + it.intValue(), it.intValue()));
            case LONG -> NUMBERS.forEach(it -> values.put("" + it, it));
            case FLOAT -> values.put("NaN", Float.NaN);
            case DOUBLE -> values.put("NaN", Double.NaN);
            case BOOLEAN -> values.put("true", true);
            case ENUM ->
                    values.put(
                            "an unknown one",
                            field.getEnumType().findValueByNumberCreatingIfUnknown(NO_SUCH_ENUM));
            case BYTE_STRING, MESSAGE -> {} // none in a request of the CRI
        }
        return values;
    }
}
