package io.leakwatch.export.json;

import com.google.gson.stream.JsonWriter;
import io.leakwatch.export.ProcessView;
import io.leakwatch.heap.HeapReport;
import java.io.IOException;

/** What the allocators of a process hold, as their heaps were read last. */
public final class HeapJson {
  private HeapJson() {}

  public static void write(JsonWriter json, ProcessView view) throws IOException {
    json.beginObject();
    InspectJson.writeHead(json, view);
    HeapReport ptmalloc = view.heaps().ptmalloc();
    if (ptmalloc != null) {
      PtmallocJson.write(json, ptmalloc, true);
    }
    AllocatorJson.write(json, view, true);
    json.endObject();
  }
}
