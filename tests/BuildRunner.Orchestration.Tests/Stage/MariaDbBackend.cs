using BuildRunner.Queue.Tests.Fixtures;

namespace BuildRunner.Orchestration.Tests.Stage;

public sealed class MariaDbBackend() : SqlBackend(new MariaDbFixture());
