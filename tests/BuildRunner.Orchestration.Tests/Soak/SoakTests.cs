namespace BuildRunner.Orchestration.Tests.Soak;

public sealed class SqliteSoakTests : SoakSuite<SqliteSoakDatabase>;

public sealed class PostgreSqlSoakTests : SoakSuite<PostgreSqlSoakDatabase>;
