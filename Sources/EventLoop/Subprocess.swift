import Glibc

/// A program of the system, run to its end. For commands that a person waits for, never for the
/// running service.
package enum Subprocess {
  package struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
    package let program: String
    package let description: String
  }

  /// What the program inherits; nothing else of our environment may steer it.
  private static let inherited = ["PATH", "HOME", "http_proxy", "https_proxy", "no_proxy"]

  /// - Parameters:
  ///   - words: The program, found on the PATH, and its arguments.
  ///   - folder: Where it runs.
  ///   - output: The file that takes what it prints, appended.
  package static func run(
    _ words: [String], in folder: String, output: String
  ) throws(Failure) {
    let program = words.first ?? ""
    func failure(_ text: String) -> Failure {
      Failure(program: program, description: "\(program) \(text)")
    }
    var actions = unsafe posix_spawn_file_actions_t()
    guard unsafe posix_spawn_file_actions_init(&actions) == 0 else {
      throw failure("could not be prepared")
    }
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(
      &actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)

    var arguments = unsafe (["env", "-C", folder] + words).map { unsafe strdup($0) } + [nil]
    var environment = unsafe self.environment.map { unsafe strdup($0) } + [nil]
    defer {
      for index in unsafe arguments.indices { unsafe free(arguments[index]) }
      for index in unsafe environment.indices { unsafe free(environment[index]) }
    }
    var process: pid_t = 0
    let refusal = unsafe posix_spawnp(
      &process, "env", &actions, nil, &arguments, &environment)
    guard refusal == 0 else { throw failure("could not be started (error \(refusal))") }
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { throw failure("was lost (error \(errno))") }
    }
    guard status & 0x7f == 0 else { throw failure("was ended by signal \(status & 0x7f)") }
    let code = status >> 8 & 0xff
    guard code == 0 else { throw failure("ended with \(code)") }
  }

  private static var environment: [String] {
    var environment = ["LC_ALL=C", "DEBIAN_FRONTEND=noninteractive"]
    for name in inherited {
      guard let value = unsafe getenv(name) else { continue }
      let text = unsafe String(cString: value)
      environment.append("\(name)=\(text)")
    }
    return environment
  }
}
