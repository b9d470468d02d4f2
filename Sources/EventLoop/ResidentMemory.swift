import CLinux

/// What of this process lies in memory.
package enum ResidentMemory {
  /// Gives back the pages of code and constants that only the start needed.
  ///
  /// Command-line parsing and the configuration read metadata all over the program: half of what is
  /// resident after the start is never touched again. What is, comes back from the page cache at
  /// the price of a minor fault.
  package static func dropStartUpPages() { cl_drop_clean_pages() }
}
