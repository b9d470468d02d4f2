import ArgumentParser
import EventLoop

extension KeysCommand {
  /// `bootwire keys generate NAME --private FILE`
  struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a key pair here, and add its public half.",
      discussion: """
        The private key is made on this machine by ssh-keygen (Ed25519, without a passphrase) and \
        stays in FILE, which only its owner may read; the public one is FILE.pub. Nothing is \
        overwritten.

        Example: bootwire keys generate ops --site nbg1 --private ~/.ssh/nbg1
        """)

    @OptionGroup var api: APIOptions

    @Argument(help: "The name that the key gets.")
    var name: String

    @Option(help: "The site whose machines it opens; the appliance's own if not given.")
    var site: String?

    @Option(
      name: .customLong("private"),
      help: ArgumentHelp("Where the private key is kept.", valueName: "file"))
    var privateFile: String

    func validate() throws {
      guard !privateFile.isEmpty, !privateFile.hasPrefix("-") else {
        throw ValidationError("--private names a file; write ./-x for one that begins with a dash.")
      }
    }

    func run() throws {
      let publicFile = privateFile + ".pub"
      for file in [privateFile, publicFile] where Folder.exists(file) {
        throw Refusal("\(file) exists, and nothing is overwritten: name another file")
      }
      CreationMask.keepPrivate()
      do throws(Subprocess.Failure) {
        try Subprocess.run(
          ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", privateFile],
          in: ".", output: "/dev/null")
      } catch {
        throw Refusal(
          "\(error): is it installed (package openssh-client), and may you write"
            + " \(privateFile)?")
      }
      do {
        let text = try TextFile.read(publicFile, limit: 64 << 10)
        let key = try PublicKeyText.read(text, named: publicFile)
        try PublicKey(name: name, site: site, text: key).send(api)
      } catch {
        throw Refusal(
          "\(error)\nthe key pair is in \(privateFile) and \(publicFile):"
            + " `bootwire keys add NAME \(publicFile)` adds it later")
      }
      print("added key/\(Printable(name)); its private half is \(privateFile)")
    }

    private var comment: String { site.map { "\(name)@\($0)" } ?? name }
  }
}
