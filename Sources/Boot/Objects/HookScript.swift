/// The hooks of one kind as one POSIX shell script.
///
/// Each runs in a subshell of its own, so that what it sets, changes and exits with is its own. The
/// first that fails ends the script with its status and its name on standard error.
package struct HookScript: Sendable {
  private let hooks: [Hook]
  private let when: Hook.When

  /// - Parameter hooks: All of a profile, in their order.
  package init(_ hooks: [Hook], _ when: Hook.When) {
    self.hooks = hooks.filter { $0.when == when }
    self.when = when
  }

  package var isEmpty: Bool { hooks.isEmpty }

  package var holdsSecrets: Bool { hooks.contains { $0.template.holdsSecrets } }

  package func missingValues(in values: [String: String]) -> [MissingValue] {
    hooks.flatMap { $0.template.missingValues(in: values) }
  }

  package func missingSecrets(_ variables: Variables) -> [TemplateUse] {
    hooks.flatMap {
      $0.template.missingSecrets(in: variables.secrets, values: variables.values)
    }
  }

  /// Appends the script. Without hooks it is one that does nothing, so that an installer may always
  /// fetch and run it.
  ///
  /// - Returns: false, with nothing appended, when a hook passes the limits of templates.
  package func render(_ variables: Variables, into output: inout [UInt8]) -> Bool {
    let start = output.count
    output += "#!/bin/sh\n# \(when.rawValue) hooks of profile \(variables.profile)\n".utf8
    for hook in hooks {
      // The colon: a subshell without any command is a syntax error. The status is asked for
      // afterwards, since `set -e` of a hook has no effect within `if` and `||`.
      output += "\n# hook \(hook.name)\n(\n:\n".utf8
      guard hook.template.render(variables, into: &output),
        output.count - start <= Template.outputMax
      else {
        output.removeSubrange(start...)
        return false
      }
      if output.last != UInt8(ascii: "\n") { output.append(UInt8(ascii: "\n")) }
      output += Self.end(of: hook).utf8
    }
    return true
  }

  private static func end(of hook: Hook) -> String {
    """
    )
    bootwire_status=$?
    if [ "$bootwire_status" -ne 0 ]; then
      echo "hook \(hook.name) failed with status $bootwire_status" >&2
      exit "$bootwire_status"
    fi

    """
  }
}
