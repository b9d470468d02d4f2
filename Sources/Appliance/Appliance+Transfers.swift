import Boot
import EventLoop
import Network
import Services

// TFTP's side of performing actions: a port and a content for each transfer.
extension Appliance {
  /// Finds the content and binds the transfer's port; the service hears at once how it went.
  func open(_ id: TransferID, _ resource: Resource, for arrival: Arrival) {
    do throws(SystemError) {
      do throws(SystemError) { try begin(id, resource, for: arrival) } catch {
        // A boot comes before connections that wait for nothing.
        guard error.isExhausted, loop.makeRoom() else { throw error }
        try begin(id, resource, for: arrival)
      }
    } catch {
      record(Event(.actionFailed(reason: "\(error)"), address: arrival.source.address))
      tftp.failed(id, at: loop.now, into: &followUps)
    }
    performFollowUps()
  }

  private func begin(
    _ id: TransferID, _ resource: Resource, for arrival: Arrival
  ) throws(SystemError) {
    let found = dhcp.content(
      of: resource, for: arrival, catalog, at: loop.now, dice: Self.rollDice,
      reasons: &followUps.reasons)
    try take(found, id, for: arrival)
  }

  private func take(
    _ content: Content, _ id: TransferID, for arrival: Arrival
  ) throws(SystemError) {
    switch content {
    case .file(let tree, let path): try start(id, [(tree, path)], for: arrival)
    case .firstFile(let places): try start(id, places.map { ($0.tree, $0.path) }, for: arrival)
    case .fileOrMenu(let tree, let path, let menu):
      if let file = try open(tree, path) { return try start(id, .file(file), for: arrival) }
      let made = dhcp.content(
        of: menu, for: arrival, catalog, at: loop.now, dice: Self.rollDice,
        reasons: &followUps.reasons)
      try take(made, id, for: arrival)
    case .text(let text) where text.outcome.isEmpty:
      record(text)
      try start(id, .bytes(text.octets), for: arrival, keeping: keepsBody(of: text))
    case .text(let text): start(id, text, for: arrival)
    case .refused(let event):
      record(event)
      tftp.missing(id, at: loop.now, into: &followUps)
    case .missing: tftp.missing(id, at: loop.now, into: &followUps)
    }
  }

  private func start(
    _ id: TransferID, _ places: [(Resource.Tree, BootPath)], for arrival: Arrival
  ) throws(SystemError) {
    for (tree, path) in places {
      if let file = try open(tree, path) { return try start(id, .file(file), for: arrival) }
    }
    tftp.missing(id, at: loop.now, into: &followUps)
  }

  /// Starts when what the text promises is durable; a client that asks again meanwhile is heard by
  /// the transfer that waits.
  private func start(_ id: TransferID, _ text: RenderedText, for arrival: Arrival) {
    take(text.outcome) { [unowned self] isKept in
      do throws(SystemError) {
        guard isKept else { return tftp.failed(id, at: loop.now, into: &followUps) }
        record(text)
        try start(id, .bytes(text.octets), for: arrival, keeping: keepsBody(of: text))
      } catch {
        record(Event(.actionFailed(reason: "\(error)"), address: arrival.source.address))
        tftp.failed(id, at: loop.now, into: &followUps)
      }
      performFollowUps()
    }
  }

  private func start(
    _ id: TransferID, _ found: TransferPort.Content, for arrival: Arrival,
    keeping isKept: Bool = false
  ) throws(SystemError) {
    var content = found
    if tftp.wantsNetASCII(id) {
      guard let text = content.netASCII else {
        return tftp.tooLargeForText(id, at: loop.now, into: &followUps)
      }
      content = .bytes(text)
    }
    let socket = try TransferSocket(
      loop: loop, address: arrival.local, interface: arrival.interface)
    let port = TransferPort(socket: socket, content: content)
    port.flow = flow(of: arrival, socket.local, text: isKept ? content.rendered : nil)
    socket.onDatagram = { [unowned self, unowned port] bytes, source in
      if port.flow?.client == source {
        recorder.mutate { port.flow?.heard(bytes, into: &$0, at: loop.now) }
      }
      tftp.receive(bytes, for: id, from: source, at: loop.now, into: &actions)
      performAll()
    }
    transfers[id] = port
    tftp.opened(id, byteCount: content.byteCount, at: loop.now, into: &followUps)
  }

  func closeTransfer(_ id: TransferID) {
    guard let port = transfers.removeValue(forKey: id) else { return }
    recorder.mutate { port.flow?.flush(into: &$0) }
    port.close()
  }

  func sendBlocks(_ id: TransferID, _ blocks: Blocks) {
    guard let transfer = transfers[id] else { return }
    recorder.mutate {
      transfer.flow?.said(
        first: blocks.first, count: blocks.count, size: blocks.blockSize, last: blocks.lastCount,
        into: &$0, at: loop.now)
    }
    do throws(SystemError) { try transfer.send(blocks) } catch {
      tftp.failed(id, at: loop.now, into: &followUps)
      performFollowUps()
    }
  }

  /// Performs what followed from performing; nothing follows from that again but closing.
  ///
  /// The list is swapped for a spare one, because performing it may fill `followUps` again; the
  /// spares are as many as that goes deep, and keep their memory.
  func performFollowUps() {
    var list = spareFollowUps.popLast() ?? Actions()
    swap(&list, &followUps)
    perform(list)
    list.clear()
    spareFollowUps.append(list)
  }

  /// The file below a tree; nil when it is not there or no regular file.
  func open(_ tree: Resource.Tree, _ path: BootPath) throws(SystemError) -> File? {
    if let file = openFiles[tree, path] { return file }
    do throws(SystemError) {
      let file: File?
      switch tree {
      case .files: file = try files.open(path.description)
      case .loaders: file = try loaders?.open(path.description)
      }
      if let file { openFiles.keep(file, tree, path) }
      return file
    } catch {
      if error.isMissing || error.isDenied { return nil }
      throw error
    }
  }
}
