import ArgumentParser

extension NodesCommand {
  struct KnownHosts: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the nodes' host keys as ssh reads them (sshd(8)).",
      discussion: "Example: bootwire nodes known-hosts --site nbg1 >~/.ssh/known_hosts.nbg1")

    @OptionGroup var api: APIOptions

    @Option(help: "Only this site's.")
    var site: String?

    func run() throws {
      print(try NodesCommand.lines(api, "known_hosts", site), terminator: "")
    }
  }

  struct Fingerprints: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "sshfp",
      abstract: "Print the nodes' host keys as SSHFP records (RFC 4255) for a zone file.",
      discussion: "Example: bootwire nodes sshfp >>lab.test.zone")

    @OptionGroup var api: APIOptions

    @Option(help: "Only this site's.")
    var site: String?

    func run() throws { print(try NodesCommand.lines(api, "sshfp", site), terminator: "") }
  }

  private static func lines(_ api: APIOptions, _ path: String, _ site: String?) throws -> String {
    let answer = try api.call(
      "GET", [path], query: [("site", site)], headers: [("Accept", "text/plain")])
    return Printable(answer.text).text
  }
}
