import Boot
import EventLoop
import Services

// What changes under us while we serve: interfaces that come, go, are made anew or get other
// addresses; folders that are replaced.
extension Appliance {
  /// Without the watch (a sandbox may refuse it) a reload does the same.
  func watchInterfaces(_ table: InterfaceTable) {
    knownInterfaces = ours(table)
    interfaceWatch = try? InterfaceWatch(loop: loop)
    interfaceWatch?.onChange = { [unowned self] in interfacesHaveChanged = true }
    followLinks(table)
  }

  /// Reloads when one of our interfaces is another one now: its new sockets are opened, or the log
  /// says that it is missing. Called each second, for one change is told of many times.
  func followInterfaces() {
    guard interfacesHaveChanged, let table = try? InterfaceTable.read() else { return }
    interfacesHaveChanged = false
    followLinks(table)
    let found = ours(table)
    guard found != knownInterfaces else { return }
    knownInterfaces = found
    reload()
  }

  /// Where no cable is plugged in, or no switch at its other end runs yet, nobody can be asked.
  /// Without the watch none is known to be down, for nothing would tell that it is up again.
  private func followLinks(_ table: InterfaceTable) {
    guard interfaceWatch != nil else { return }
    dhcp.linksAreDown(Set(table.interfaces.lazy.filter { !$0.isRunning }.map(\.index)))
  }

  /// Opens the trees anew that were moved away and replaced; files that are being sent are sent to
  /// their end.
  func followTrees() {
    if files.isReplaced, let tree = try? FileTree(settings.files) { files = tree }
    if loaders?.isReplaced ?? true { loaders = (try? FileTree(settings.loaders)) ?? loaders }
  }

  /// Those of the configuration that exist. A cable that is pulled changes nothing.
  private func ours(_ table: InterfaceTable) -> [NetworkInterface] {
    catalog.interfaces.compactMap { table[$0.name] }.map {
      var interface = $0
      interface.isUp = true
      interface.isRunning = true
      return interface
    }
  }
}
