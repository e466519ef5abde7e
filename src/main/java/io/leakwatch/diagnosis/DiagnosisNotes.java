package io.leakwatch.diagnosis;

import java.util.ArrayList;
import java.util.List;

/**
 * What a diagnosis could not do: what changes what its reader does, and what only somebody wants to
 * know who doubts a figure.
 */
final class DiagnosisNotes {
  private final List<String> notes = new ArrayList<>();
  private final List<String> details = new ArrayList<>();

  void add(String note) {
    notes.add(note);
  }

  void addAll(List<String> several) {
    notes.addAll(several);
  }

  void detail(String note) {
    details.add(note);
  }

  void details(List<String> several) {
    details.addAll(several);
  }

  List<String> important() {
    return List.copyOf(notes);
  }

  List<String> ofDetails() {
    return List.copyOf(details);
  }
}
