namespace BuildRunner.Orchestration.Tests.Soak;

[Slow]
public sealed class SqliteSoakTests : SoakSuite<SqliteSoakDatabase>;

[Slow]
public sealed class PostgreSqlSoakTests : SoakSuite<PostgreSqlSoakDatabase>;

[Slow]
public sealed class HostsSoakTests : SoakSuite<HostsSoakDatabase>;
