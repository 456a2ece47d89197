package io.berth.wire;

import com.google.protobuf.DescriptorProtos.DescriptorProto.ReservedRange;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * A protocol as rows of tab-separated cells, one a message, field, reserved range, enum, value,
 * service or rpc. The cells are described in src/test/scripts/derive-wire-table.py.
 *
 * @param header the lines that say where the rows come from; empty for descriptors
 * @param rows every row once
 */
record WireTable(List<String> header, Set<String> rows) {

    WireTable {
        header = List.copyOf(header);
        rows = Set.copyOf(rows);
    }

    /** What one table has and the other has not. */
    record Difference(Set<String> missing, Set<String> unexpected) {}

    /** Reads a table of src/test/resources. A row that is there twice is an error. */
    static WireTable read(String resource) {
        var header = new ArrayList<String>();
        var rows = new TreeSet<String>();
        for (var line : text(resource).lines().toList()) {
            if (line.startsWith("#")) {
                header.add(line);
            } else if (!rows.add(line)) {
                throw new IllegalStateException(resource + ": row appears twice: " + line);
            }
        }
        return new WireTable(header, rows);
    }

    /** The rows of the files given, without those of the files that they import. */
    static WireTable of(List<FileDescriptor> files) {
        var rows = new TreeSet<String>();
        for (var file : files) {
            file.getMessageTypes().forEach(message -> addMessage(message, rows));
            file.getEnumTypes().forEach(choice -> addEnum(choice, rows));
            file.getServices().forEach(service -> addService(service, rows));
        }
        return new WireTable(List.of(), rows);
    }

    /** Compares in both directions, from the view of the table that is right. */
    Difference differencesOf(WireTable other) {
        var missing = new TreeSet<>(rows);
        missing.removeAll(other.rows);
        var unexpected = new TreeSet<>(other.rows);
        unexpected.removeAll(rows);
        return new Difference(missing, unexpected);
    }

    /** How many rows are of a kind, such as {@code rpc}. */
    long count(String kind) {
        return rows.stream().filter(row -> row.startsWith(kind + "\t")).count();
    }

    private static String text(String resource) {
        try (InputStream in = WireTable.class.getResourceAsStream("/" + resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + ": no such resource");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(resource, e);
        }
    }

    private static void addMessage(Descriptor message, Set<String> rows) {
        if (message.getOptions().getMapEntry()) {
            return;
        }
        var name = message.getFullName();
        rows.add(row("message", name));
        message.getFields().forEach(field -> rows.add(field(field)));
        for (ReservedRange range : message.toProto().getReservedRangeList()) {
            rows.add(row("reserved", name, range.getStart(), range.getEnd() - 1));
        }
        message.getNestedTypes().forEach(nested -> addMessage(nested, rows));
        message.getEnumTypes().forEach(choice -> addEnum(choice, rows));
    }

    private static String field(FieldDescriptor field) {
        var oneof = field.getRealContainingOneof();
        return row(
                "field",
                field.getContainingType().getFullName(),
                field.getNumber(),
                label(field),
                field.isMapField()
                        ? type(field.getMessageType().findFieldByNumber(1))
                                + ","
                                + type(field.getMessageType().findFieldByNumber(2))
                        : type(field),
                field.getName(),
                oneof == null ? "-" : oneof.getName(),
                options(field));
    }

    private static String label(FieldDescriptor field) {
        if (field.isMapField()) {
            return "map";
        }
        if (field.isRepeated()) {
            return "repeated";
        }
        return field.toProto().getProto3Optional() ? "optional" : "singular";
    }

    private static String type(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case MESSAGE -> field.getMessageType().getFullName();
            case ENUM -> field.getEnumType().getFullName();
            case INT, LONG, FLOAT, DOUBLE, BOOLEAN, STRING, BYTE_STRING ->
                    field.getType().name().toLowerCase(Locale.ROOT);
        };
    }

    private static String options(FieldDescriptor field) {
        var options = new ArrayList<String>();
        if (field.getOptions().getDebugRedact()) {
            options.add("debug_redact");
        }
        if (field.getOptions().getDeprecated()) {
            options.add("deprecated");
        }
        return options.isEmpty() ? "-" : String.join(",", options);
    }

    private static void addEnum(EnumDescriptor choice, Set<String> rows) {
        rows.add(row("enum", choice.getFullName()));
        for (var value : choice.getValues()) {
            rows.add(row("value", choice.getFullName(), value.getNumber(), value.getName()));
        }
    }

    private static void addService(ServiceDescriptor service, Set<String> rows) {
        rows.add(row("service", service.getFullName()));
        for (MethodDescriptor method : service.getMethods()) {
            rows.add(
                    row(
                            "rpc",
                            service.getFullName(),
                            method.getName(),
                            method.getInputType().getFullName(),
                            method.getOutputType().getFullName(),
                            method.isClientStreaming() ? "stream" : "unary",
                            method.isServerStreaming() ? "stream" : "unary"));
        }
    }

    private static String row(Object... cells) {
        var text = new ArrayList<String>();
        for (var cell : cells) {
            text.add(cell.toString());
        }
        return String.join("\t", text);
    }
}
