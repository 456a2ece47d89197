package io.berth.storage.metadata;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How record bodies are written: components by name, times as ISO-8601, paths as plain text, empty
 * optionals as null, sealed choices with their simple class name in {@code "is"}. Strict on
 * reading: an unknown or missing property is an error, since versions say what there is.
 */
final class Json {
    private static final String CHOICE = "is";

    private Json() {}

    static ObjectMapper mapper() {
        return JsonMapper.builder()
                .addModule(new Jdk8Module())
                .addModule(new JavaTimeModule())
                .addModule(paths())
                .annotationIntrospector(new SealedChoices())
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                .build();
    }

    private static SimpleModule paths() {
        return new SimpleModule("paths")
                .addSerializer(Path.class, new PathWriter())
                .addDeserializer(Path.class, new PathReader());
    }

    private static final class PathWriter extends StdScalarSerializer<Path> {
        PathWriter() {
            super(Path.class);
        }

        @Override
        public void serialize(Path value, JsonGenerator json, SerializerProvider provider)
                throws IOException {
            json.writeString(value.toString());
        }
    }

    private static final class PathReader extends StdScalarDeserializer<Path> {
        PathReader() {
            super(Path.class);
        }

        @Override
        public Path deserialize(JsonParser json, DeserializationContext context)
                throws IOException {
            return Path.of(json.getValueAsString());
        }
    }

    /** Tells the records of a sealed interface apart without annotations on them. */
    private static final class SealedChoices extends JacksonAnnotationIntrospector {
        @Override
        public JsonTypeInfo.@Nullable Value findPolymorphicTypeInfo(
                MapperConfig<?> config, Annotated annotated) {
            var declared = super.findPolymorphicTypeInfo(config, annotated);
            if (declared != null || !isChoice(annotated.getRawType())) {
                return declared;
            }
            return JsonTypeInfo.Value.construct(
                    JsonTypeInfo.Id.NAME,
                    JsonTypeInfo.As.PROPERTY,
                    CHOICE,
                    null,
                    false,
                    null,
                    null);
        }

        @Override
        public @Nullable List<NamedType> findSubtypes(Annotated annotated) {
            var type = annotated.getRawType();
            if (!type.isSealed() || type.isEnum() || isPlatform(type)) {
                return super.findSubtypes(annotated);
            }
            var found = new ArrayList<NamedType>();
            for (var permitted : type.getPermittedSubclasses()) {
                found.add(new NamedType(permitted, permitted.getSimpleName()));
            }
            return found;
        }

        @Override
        public @Nullable String findTypeName(AnnotatedClass annotated) {
            var declared = super.findTypeName(annotated);
            if (declared != null || !isChoice(annotated.getRawType())) {
                return declared;
            }
            return annotated.getRawType().getSimpleName();
        }

        /** A sealed type of ours, or one of those that it permits. */
        private static boolean isChoice(Class<?> type) {
            if (type.isEnum() || type.isArray() || type.isPrimitive() || isPlatform(type)) {
                return false;
            }
            if (type.isSealed()) {
                return true;
            }
            for (var parent : type.getInterfaces()) {
                if (isChoice(parent)) {
                    return true;
                }
            }
            return false;
        }

        private static boolean isPlatform(Class<?> type) {
            return type.getName().startsWith("java.");
        }
    }
}
