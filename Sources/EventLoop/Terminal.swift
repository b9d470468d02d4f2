import Glibc

/// The person at the other end of a command, if there is one.
package enum Terminal {
  /// Whether a person types what we read.
  package static var isInput: Bool { isatty(STDIN_FILENO) == 1 }
  /// Whether a person sees the result.
  package static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }
  /// Whether a person sees what is said beside the result.
  package static var isError: Bool { isatty(STDERR_FILENO) == 1 }

  /// Shows one line that the next one replaces; nothing where nobody sees it.
  package static func show(status: String) {
    guard isError else { return }
    StandardError.write("\r\u{1b}[K" + status)
  }

  package static func clearStatus() { show(status: "") }

  /// Reads a line that is not shown while it is typed, without its end; nil at the end of input.
  package static func hiddenLine(prompt: String) -> String? {
    StandardError.write(prompt)
    var before = termios()
    let isKnown = unsafe tcgetattr(STDIN_FILENO, &before) == 0
    var quiet = before
    quiet.c_lflag &= ~tcflag_t(ECHO)
    if isKnown { unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) }
    defer {
      if isKnown { unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &before) }
      StandardError.write("\n")
    }
    return readLine(strippingNewline: true)
  }

  /// Waits; for commands that a person waits for, never for the running service.
  package static func pause(milliseconds: UInt32) { _ = usleep(milliseconds &* 1000) }
}
