namespace BuildRunner.Orchestration.Tests.Invariants;

public sealed class PostgreSql_O01_OneTransactionTests : O01_OneTransactionTests<PostgreSqlBackend>;

public sealed class PostgreSql_O02_OneBuildPerKeyTests : O02_OneBuildPerKeyTests<PostgreSqlBackend>;

public sealed class PostgreSql_O03_PollNeverPublishesTests : O03_PollNeverPublishesTests<PostgreSqlBackend>;

public sealed class PostgreSql_O04_WakeIdentityTests : O04_WakeIdentityTests<PostgreSqlBackend>;

public sealed class PostgreSql_O05_TerminalIsWriteOnceTests : O05_TerminalIsWriteOnceTests<PostgreSqlBackend>;

public sealed class PostgreSql_O06_TransientErrorsTests : O06_TransientErrorsTests<PostgreSqlBackend>;

public sealed class PostgreSql_O07_NoDeadEndTests : O07_NoDeadEndTests<PostgreSqlBackend>;

public sealed class PostgreSql_O08_CancelIsLevelTriggeredTests : O08_CancelIsLevelTriggeredTests<PostgreSqlBackend>;

public sealed class PostgreSql_O09_EveryBuildEndsTests : O09_EveryBuildEndsTests<PostgreSqlBackend>;

public sealed class PostgreSql_O10_PushIsPollTests : O10_PushIsPollTests<PostgreSqlBackend>;

public sealed class PostgreSql_O12_RetentionTests : O12_RetentionTests<PostgreSqlBackend>;
