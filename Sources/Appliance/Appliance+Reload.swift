import Boot
import EventLoop
import Network
import Services
import TLS

extension Appliance {
  /// Reads the configuration again and takes it whole, or keeps the running one and says why.
  ///
  /// Conversations under way go on: leases, transfers and connections belong to no catalog.
  ///
  /// - Returns: The mistakes, one a line; nil when the new configuration is in force.
  @discardableResult
  package func reload() -> String? {
    let table: InterfaceTable
    do throws(StartError) { table = try Self.interfaces() } catch {
      return refuse([error.description])
    }
    do throws(ConfigurationMistakes) { return take(try loadAgain(table), table) } catch {
      return refuse(error.mistakes.map(\.description))
    }
  }

  private func take(_ loaded: LoadedConfiguration, _ table: InterfaceTable) -> String? {
    let moved = Self.immovable(settings, loaded.settings)
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
      return refuse([error.description])
    }
    certificates = loaded.certificates
    files = newFiles
    openFiles.forget()
    loaders = try? FileTree(loaded.settings.loaders)
    settings = loaded.settings
    catalog = loaded.catalog
    dhcp.catalogChanged()
    renewNames()
    warn(of: loaded)
    record(Event(.configurationLoaded(generation: catalog.generation)))
    warnOfExpiry()
    return nil
  }

  private func refuse(_ mistakes: [String]) -> String {
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

  /// Settings that a running process cannot change: the store and the control socket are open.
  private static func immovable(_ old: Settings, _ new: Settings) -> [String] {
    var names: [String] = []
    if old.state != new.state { names.append("state") }
    if old.control != new.control { names.append("control") }
    return names
  }
}
