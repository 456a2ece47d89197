package io.berth.sandbox.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.berth.cri.v1.ImageServiceProto;
import io.berth.cri.v1.RuntimeServiceProto;
import io.berth.sandbox.SandboxException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the table against the protocol, and the policy against the table. */
class FieldPolicyTest {
    /** Messages that are kept or looked into without a rule for each of their fields. */
    private static final Set<String> TAKEN_WHOLE =
            Set.of("LinuxPodSandboxConfig.resources", "PullImageRequest.sandbox_config");

    private static final FieldRules RULES = FieldRules.load();

    @Test
    void everyFieldThatARequestCanContainHasARuleAndNoOther() {
        var wanted = new TreeSet<String>();
        var special = new TreeSet<String>();
        for (var message : messages()) {
            for (var field : message.getFields()) {
                wanted.add(FieldRules.name(field));
                if (ofMessage(field)) {
                    field.getMessageType()
                            .getFields()
                            .forEach(
                                    inner ->
                                            special.add(
                                                    FieldRules.name(field)
                                                            + "."
                                                            + inner.getName()));
                }
            }
        }
        assertThat(wanted).hasSizeGreaterThan(200);
        var names = new TreeSet<>(RULES.names());
        assertThat(names).containsAll(wanted);
        names.removeAll(wanted);
        assertThat(special).containsAll(names);
    }

    @Test
    void aRowThatIsTakenOutIsMissed() {
        var field = io.berth.cri.v1.RunPodSandboxRequest.getDescriptor().findFieldByName("config");
        var without =
                FieldRules.parse("RunPodSandboxRequest.runtime_handler\thonoured\tany\tbecause");
        assertThat(without.find("", field)).isEmpty();
        assertThat(RULES.find("", field)).isPresent();
    }

    @Test
    void everyRuleFitsTheTypeOfItsField() {
        for (var place : places()) {
            var field = place.field();
            boolean fits =
                    switch (place.rule().passes()) {
                        case FieldRule.Passes.Anything _ ->
                                place.rule().verdict() == FieldRule.Verdict.IRRELEVANT
                                        || !ofMessage(field)
                                        || TAKEN_WHOLE.contains(place.name());
                        case FieldRule.Passes.Unset _ -> true;
                        case FieldRule.Passes.ItsFields _ -> ofMessage(field);
                        case FieldRule.Passes.OneOf(var values) ->
                                !field.isRepeated() && values.stream().allMatch(v -> is(field, v));
                    };
            assertThat(fits).as("%s: %s", place.name(), place.rule()).isTrue();
        }
    }

    @Test
    void everyRefusedFieldIsRefusedByItsPath() {
        var refused = new LinkedHashSet<String>();
        for (var place : places()) {
            for (var bad : bad(place)) {
                refused.add(place.name());
                assertThatThrownBy(() -> FieldPolicy.check(place.request(bad)))
                        .as("%s = %s", place.path(), bad)
                        .isInstanceOf(SandboxException.InvalidRequest.class)
                        .hasMessageStartingWith(place.path() + ": found ")
                        .hasMessageContaining("berth does not honour it yet: ");
            }
        }
        assertThat(refused).contains("NamespaceOption.pid").hasSizeGreaterThan(2);
    }

    @Test
    void everyAcceptedValueOfARestrictedFieldPasses() {
        int seen = 0;
        for (var place : places()) {
            if (place.rule().passes() instanceof FieldRule.Passes.OneOf(var values)) {
                for (var value : values) {
                    seen++;
                    var good = value(place.field(), value);
                    assertThatCode(() -> FieldPolicy.check(place.request(good)))
                            .as("%s = %s", place.path(), value)
                            .doesNotThrowAnyException();
                }
            }
        }
        assertThat(seen).isGreaterThan(10);
    }

    @Test
    void textsWithNulAreRefusedByTheirPathWhereTheyAreNotOnlyKept() {
        var request = io.berth.cri.v1.CreateContainerRequest.newBuilder();
        request.getConfigBuilder().putLabels("a", "\0").putAnnotations("a", "\0");
        assertThatCode(() -> FieldPolicy.check(request.build())).doesNotThrowAnyException();
        var argument = request.clone();
        argument.getConfigBuilder().addArgs("a").addArgs("bc\0");
        refusedForNul(argument, "config.args");
        var profile = request.clone();
        profile.getConfigBuilder()
                .getLinuxBuilder()
                .getSecurityContextBuilder()
                .getSeccompBuilder()
                .setLocalhostRef("bc\0");
        refusedForNul(profile, "config.linux.security_context.seccomp.localhost_ref");
        var handler = io.berth.cri.v1.RunPodSandboxRequest.newBuilder().setRuntimeHandler("bc\0");
        refusedForNul(handler, "runtime_handler");
    }

    private static void refusedForNul(Message.Builder request, String path) {
        assertThatThrownBy(() -> FieldPolicy.check(request.build()))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessage(
                        path + ": found a NUL character after 2 others, wanted a text without it");
    }

    @Test
    void everyOtherFieldPassesWhatItMaySay() {
        for (var place : places()) {
            if (place.rule().passes() instanceof FieldRule.Passes.Anything) {
                var anything = some(place.field());
                assertThatCode(() -> FieldPolicy.check(place.request(anything)))
                        .as(place.path())
                        .doesNotThrowAnyException();
            }
        }
    }

    @Test
    void emptyRequestsPass() {
        for (var method : requests()) {
            assertThatCode(() -> FieldPolicy.check(DynamicMessage.getDefaultInstance(method)))
                    .as(method.getName())
                    .doesNotThrowAnyException();
        }
    }

    /**
     * A field where a request reaches it.
     *
     * @param fields from the request down to the field
     */
    private record Place(Descriptor request, List<FieldDescriptor> fields, FieldRule rule) {
        FieldDescriptor field() {
            return fields.getLast();
        }

        String name() {
            return FieldRules.name(field());
        }

        String path() {
            var path = new StringBuilder();
            for (var field : fields) {
                boolean inner = field != field();
                path.append(field.getName())
                        .append(inner && field.isRepeated() ? "[0]" : "")
                        .append(inner ? "." : "");
            }
            return path.toString();
        }

        /** The request with this value, and on the way there only what passes. */
        Message request(Object value) {
            return message(request, 0, value);
        }

        private Message message(Descriptor type, int depth, Object value) {
            var message = harmless(type, depth == 0 ? "" : FieldRules.name(fields.get(depth - 1)));
            var field = fields.get(depth);
            boolean last = depth == fields.size() - 1;
            var content = last ? value : message(field.getMessageType(), depth + 1, value);
            if (field.isRepeated() && !(content instanceof List)) {
                message.addRepeatedField(field, content);
            } else {
                message.setField(field, content);
            }
            return message.build();
        }
    }

    /** A message whose restricted fields have a value that passes. */
    private static DynamicMessage.Builder harmless(Descriptor type, String within) {
        var message = DynamicMessage.newBuilder(type);
        for (var field : type.getFields()) {
            var rule = RULES.find(within, field).orElseThrow();
            if (rule.passes() instanceof FieldRule.Passes.OneOf(var values)) {
                message.setField(field, value(field, values.stream().sorted().findFirst().get()));
            }
        }
        return message;
    }

    private static List<Place> places() {
        var places = new ArrayList<Place>();
        requests().forEach(request -> collect(request, request, List.of(), "", places));
        return places;
    }

    private static void collect(
            Descriptor request,
            Descriptor type,
            List<FieldDescriptor> before,
            String within,
            List<Place> places) {
        for (var field : type.getFields()) {
            var rule = RULES.find(within, field).orElseThrow();
            var fields = Stream.concat(before.stream(), Stream.of(field)).toList();
            places.add(new Place(request, fields, rule));
            if (rule.passes() instanceof FieldRule.Passes.ItsFields) {
                collect(request, field.getMessageType(), fields, FieldRules.name(field), places);
            }
        }
    }

    /** Values of a field that must not pass. */
    private static List<Object> bad(Place place) {
        var field = place.field();
        return switch (place.rule().passes()) {
            case FieldRule.Passes.Anything _, FieldRule.Passes.ItsFields _ -> List.of();
            case FieldRule.Passes.Unset _ -> List.of(some(field));
            case FieldRule.Passes.OneOf(var values) ->
                    field.getJavaType() == JavaType.ENUM
                            ? field.getEnumType().getValues().stream()
                                    .filter(value -> !values.contains(value.getName()))
                                    .map(value -> (Object) value)
                                    .toList()
                            : List.of("localhost/profile");
        };
    }

    /** A value that is not the default, or a message that is present. */
    private static Object some(FieldDescriptor field) {
        var one =
                switch (field.getJavaType()) {
                    case INT -> (Object) 7;
                    case LONG -> 7L;
                    case BOOLEAN -> true;
                    case STRING -> "something";
                    case BYTE_STRING -> com.google.protobuf.ByteString.copyFromUtf8("something");
                    case ENUM -> field.getEnumType().getValues().getLast();
                    case MESSAGE -> DynamicMessage.getDefaultInstance(field.getMessageType());
                    case FLOAT, DOUBLE -> throw new AssertionError(field);
                };
        return field.isRepeated() ? List.of(one) : one;
    }

    private static boolean is(FieldDescriptor field, String value) {
        return field.getJavaType() == JavaType.STRING
                || (field.getJavaType() == JavaType.ENUM
                        && field.getEnumType().findValueByName(value) != null);
    }

    private static Object value(FieldDescriptor field, String text) {
        return field.getJavaType() == JavaType.ENUM
                ? field.getEnumType().findValueByName(text)
                : text;
    }

    private static boolean ofMessage(FieldDescriptor field) {
        return field.getJavaType() == JavaType.MESSAGE && !field.isMapField();
    }

    private static List<Descriptor> requests() {
        return Stream.of(RuntimeServiceProto.getDescriptor(), ImageServiceProto.getDescriptor())
                .flatMap(file -> file.getServices().stream())
                .flatMap(service -> service.getMethods().stream())
                .map(method -> method.getInputType())
                .toList();
    }

    /** Every message that can stand in a request, map entries left out. */
    private static Set<Descriptor> messages() {
        var found = new LinkedHashSet<Descriptor>();
        requests().forEach(request -> reach(request, found));
        return found;
    }

    private static void reach(Descriptor message, Set<Descriptor> found) {
        if (found.add(message)) {
            message.getFields().stream()
                    .filter(FieldPolicyTest::ofMessage)
                    .forEach(field -> reach(field.getMessageType(), found));
        }
    }
}
