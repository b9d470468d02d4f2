import Boot
import EventLoop
import Network
import Services
import TLS

extension Appliance {
  /// Reads the configuration again beside the loop and takes it whole, or keeps the running one and
  /// says why.
  ///
  /// Conversations under way go on: leases, transfers and connections belong to no catalog.
  ///
  /// - Parameter then: Is told the mistakes, one a line; nil when the new configuration is in force.
  package func reload(then: @escaping (String?) -> Void = { _ in }) { editor.reload(then: then) }

  /// Puts what was read in the place of what runs.
  ///
  /// - Returns: Why not; nil when it is in force.
  func take(_ loaded: LoadedConfiguration, _ table: InterfaceTable) -> String? {
    let moved = Settings.immovable(settings, loaded.settings)
    guard moved.isEmpty else {
      return refuse(moved.map { "\($0) cannot change while bootwire runs: restart it" })
    }
    let newFiles: FileTree
    do throws(SystemError) { newFiles = try FileTree(loaded.settings.files) } catch {
      return refuse(["files: \(loaded.settings.files) cannot be opened: \(error)"])
    }
    do throws(StartError) {
      let context = try Self.context(loaded)
      try openAdmin(loaded.settings.admin, loaded.certificates)
      try exchangePorts(for: loaded.catalog, table, context)
      tls = context
    } catch {
      try? openAdmin(settings.admin, certificates)
      return refuse([error.description])
    }
    certificates = loaded.certificates
    sources = loaded.sources
    files = newFiles
    openFiles.forget()
    loaders = try? FileTree(loaded.settings.loaders)
    settings = loaded.settings
    renewRecorder()
    catalog = loaded.catalog
    dhcp.catalogChanged()
    disarmWhoIsGone()
    renewNames()
    warn(of: loaded)
    record(Event(.configurationLoaded(generation: catalog.generation)))
    warnOfExpiry()
    return nil
  }

  @discardableResult
  func refuse(_ mistakes: [String]) -> String {
    record(
      Event(.configurationRefused(mistakes: mistakes.count, first: mistakes.first ?? "")))
    return mistakes.joined(separator: "\n")
  }

  /// Opens what the next catalog needs beside what is open already, and closes the rest only when
  /// all of it is open; a failure leaves everything as it was.
  private func exchangePorts(
    for next: Catalog, _ table: InterfaceTable, _ tls: TLSContext?
  ) throws(StartError) {
    var successors: [InterfacePorts] = []
    do throws(StartError) {
      for settings in next.interfaces {
        let old = ports.first { $0.settings.name == settings.name }
        successors.append(try openPorts(settings, table, tls, reusing: old))
      }
    } catch {
      for port in successors {
        port.close(except: ports.first { $0.settings.name == port.settings.name })
      }
      throw error
    }
    for port in ports {
      port.close(except: successors.first { $0.settings.name == port.settings.name })
    }
    ports = successors
    // Connections that have begun keep what they began with.
    for port in ports { port.https?.tls = tls }
  }
}
