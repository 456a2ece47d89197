package io.berth.sandbox.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;

/**
 * A message as verbose statuses show it, in the form that containerd's has: what is set, by the
 * names of its fields, an enum by its number, bytes as text.
 */
final class MessageInfo {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private MessageInfo() {}

    static ObjectNode of(Message message) {
        var info = JSON.objectNode();
        message.getAllFields().forEach((field, value) -> put(info, field, value));
        return info;
    }

    private static void put(ObjectNode info, FieldDescriptor field, Object value) {
        if (field.isMapField()) {
            var map = info.putObject(field.getName());
            for (var each : (List<?>) value) {
                var entry = (Message) each;
                var type = entry.getDescriptorForType();
                var key = entry.getField(type.findFieldByNumber(1));
                map.set(key.toString(), node(entry.getField(type.findFieldByNumber(2))));
            }
        } else if (value instanceof List<?> list) {
            ArrayNode array = info.putArray(field.getName());
            list.forEach(each -> array.add(node(each)));
        } else {
            info.set(field.getName(), node(value));
        }
    }

    private static JsonNode node(Object value) {
        return switch (value) {
            case Message inner -> of(inner);
            case EnumValueDescriptor word -> JSON.numberNode(word.getNumber());
            case ByteString bytes -> JSON.textNode(bytes.toStringUtf8());
            case Boolean truth -> JSON.booleanNode(truth);
            case Integer number -> JSON.numberNode(number);
            case Long number -> JSON.numberNode(number);
            case Double number -> JSON.numberNode(number);
            case Float number -> JSON.numberNode(number);
            default -> JSON.textNode(value.toString());
        };
    }
}
