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
    if let found = try content(of: resource, for: arrival) {
      try start(id, found, for: arrival)
    } else {
      tftp.missing(id, at: loop.now, into: &followUps)
    }
  }

  private func start(
    _ id: TransferID, _ found: TransferPort.Content, for arrival: Arrival
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
    socket.onDatagram = { [unowned self] bytes, source in
      tftp.receive(bytes, for: id, from: source, at: loop.now, into: &actions)
      performAll()
    }
    transfers[id] = TransferPort(socket: socket, content: content)
    tftp.opened(id, byteCount: content.byteCount, at: loop.now, into: &followUps)
  }

  func sendBlocks(_ id: TransferID, _ blocks: Blocks) {
    guard let transfer = transfers[id] else { return }
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

  /// nil when there is no such thing; throws when the world has no room for it now.
  private func content(
    of resource: Resource, for arrival: Arrival
  ) throws(SystemError) -> TransferPort.Content? {
    let found = dhcp.content(
      of: resource, for: arrival, catalog, at: loop.now, reasons: &followUps.reasons)
    switch found {
    case .file(let tree, let path):
      guard let file = try open(tree, path) else { return nil }
      return .file(file)
    case .firstFile(let places):
      for place in places {
        if let file = try open(place.tree, place.path) { return .file(file) }
      }
      return nil
    case .fileOrText(let tree, let path, let octets, let event):
      if let file = try open(tree, path) { return .file(file) }
      record(event)
      return .bytes(octets)
    case .text(let octets, let event):
      record(event)
      return .bytes(octets)
    case .missing: return nil
    }
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
