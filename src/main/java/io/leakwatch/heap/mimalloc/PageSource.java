package io.leakwatch.heap.mimalloc;

/** Where mimalloc's pages are found; differs between its generations. */
interface PageSource {
  /** Receives what is found, in the order of addresses. */
  interface Receiver {
    /** Takes memory that mimalloc has got, of which the first bytes describe the rest. */
    void segment(long start, long firstPage, long end);

    /** Takes a page of it. */
    void page(MimallocPage page);
  }

  /** Shows everything. */
  void walk(Receiver receiver);

  /** The releases whose layout it is, as reported. */
  String versions();

  /** Whether a collection gives back all free pages; else how many of them is not known. */
  boolean givesBack();

  /** What its figures do not tell, in words. */
  String note();

  /** Share of what was met that could be read. */
  double coverage();

  /** What was counted over what mimalloc's own descriptions say. */
  double selfCheck();
}
