package io.berth.sandbox.operation;

import io.berth.cri.v1.LinuxContainerResources;
import java.util.Map;
import java.util.TreeMap;

/** Limits as verbose statuses show them: those that are set, by the names of the CRI's fields. */
final class ResourceInfo {
    private ResourceInfo() {}

    static Map<String, Object> of(LinuxContainerResources resources) {
        var shown = new TreeMap<String, Object>();
        resources
                .getAllFields()
                .forEach(
                        (field, value) -> {
                            if (!field.isRepeated()) {
                                shown.put(field.getName(), value);
                            }
                        });
        for (var limit : resources.getHugepageLimitsList()) {
            shown.put("hugepage_limits/" + limit.getPageSize(), limit.getLimit());
        }
        resources.getUnifiedMap().forEach((file, value) -> shown.put("unified/" + file, value));
        return shown;
    }
}
