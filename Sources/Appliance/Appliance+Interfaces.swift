import Boot
import EventLoop

// Interfaces that come, go, are made anew or get other addresses while we serve.
extension Appliance {
  /// Without the watch (a sandbox may refuse it) a reload does the same.
  func watchInterfaces(_ table: InterfaceTable) {
    knownInterfaces = ours(table)
    interfaceWatch = try? InterfaceWatch(loop: loop)
    interfaceWatch?.onChange = { [unowned self] in interfacesHaveChanged = true }
  }

  /// Reloads when one of our interfaces is another one now: its new sockets are opened, or the log
  /// says that it is missing. Called each second, for one change is told of many times.
  func followInterfaces() {
    guard interfacesHaveChanged else { return }
    interfacesHaveChanged = false
    guard let table = try? InterfaceTable.read() else { return }
    let found = ours(table)
    guard found != knownInterfaces else { return }
    knownInterfaces = found
    reload()
  }

  /// Those of the configuration that exist. A cable that is pulled changes nothing.
  private func ours(_ table: InterfaceTable) -> [NetworkInterface] {
    catalog.interfaces.compactMap { table[$0.name] }.map {
      var interface = $0
      interface.isUp = true
      return interface
    }
  }
}
