using BuildRunner.Queue.Tests.Fixtures;

namespace BuildRunner.Orchestration.Tests.Stage;

public sealed class PostgreSqlBackend() : SqlBackend(new PostgreSqlFixture());
