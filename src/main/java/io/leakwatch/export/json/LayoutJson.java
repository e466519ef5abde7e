package io.leakwatch.export.json;

import com.google.gson.stream.JsonWriter;
import io.leakwatch.export.ProcessView;
import io.leakwatch.region.AddressSpace;
import io.leakwatch.region.Layout;
import io.leakwatch.region.kind.Allocator;
import io.leakwatch.region.kind.RegionKind;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The address space of a process in its regions, as the last reading found them. */
public final class LayoutJson {
  private LayoutJson() {}

  public static void write(JsonWriter json, ProcessView view) throws IOException {
    AddressSpace space = view.memory().space();
    Layout layout = view.memory().layout();
    json.beginObject();
    InspectJson.writeHead(json, view);
    InspectJson.number(json, "mapping_count", layout == null ? Double.NaN : layout.mappingCount());
    json.name("merged").value(space.isMerged());
    json.name("regions").beginArray();
    for (AddressSpace.Region region : space.regions()) {
      json.beginObject();
      json.name("start").value(InspectJson.address(region.start()));
      json.name("end").value(InspectJson.address(region.end()));
      json.name("mapped_bytes").value(region.mappedBytes());
      json.name("resident_bytes").value(region.residentBytes());
      json.name("kind").value(region.kind().wireName());
      json.name("owner").value(owner(region.kind(), layout));
      json.name("mappings").value(region.mappings());
      InspectJson.text(json, "name", region.name());
      json.endObject();
    }
    json.endArray();
    json.endObject();
  }

  /** The allocator whose memory a kind is, null where it is nobody's. */
  private static @Nullable String owner(RegionKind kind, @Nullable Layout layout) {
    return layout == null
        ? null
        : Allocator.ofKind(kind)
            .filter(owner -> owner.isAmong(layout.allocators()))
            .map(Allocator::wireName)
            .orElse(null);
  }
}
