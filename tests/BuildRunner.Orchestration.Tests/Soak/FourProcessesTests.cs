namespace BuildRunner.Orchestration.Tests.Soak;

[Slow]
public sealed class SqliteFourProcesses : FourProcesses<SqliteSoakDatabase>;

[Slow]
public sealed class PostgreSqlFourProcesses : FourProcesses<PostgreSqlSoakDatabase>;
