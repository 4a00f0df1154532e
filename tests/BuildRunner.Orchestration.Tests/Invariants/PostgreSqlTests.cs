namespace BuildRunner.Orchestration.Tests.Invariants;

[Slow]
public sealed class PostgreSql_O01_OneTransactionTests : O01_OneTransactionTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O02_OneBuildPerKeyTests : O02_OneBuildPerKeyTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O03_PollNeverPublishesTests : O03_PollNeverPublishesTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O04_WakeIdentityTests : O04_WakeIdentityTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O05_TerminalIsWriteOnceTests : O05_TerminalIsWriteOnceTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O06_TransientErrorsTests : O06_TransientErrorsTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O06_MissingBuildTests : O06_MissingBuildTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O07_NoDeadEndTests : O07_NoDeadEndTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O08_CancelIsLevelTriggeredTests : O08_CancelIsLevelTriggeredTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O09_EveryBuildEndsTests : O09_EveryBuildEndsTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O10_PushIsPollTests : O10_PushIsPollTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O12_RetentionTests : O12_RetentionTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O18_GroupTests : O18_GroupTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O18_GroupFaultTests : O18_GroupFaultTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O18_GroupAgainTests : O18_GroupAgainTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O19_SupersedeTests : O19_SupersedeTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O20_BulkTests : O20_BulkTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O21_HistoryTests : O21_HistoryTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O22_CancelReasonTests : O22_CancelReasonTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O13_ThreeLimitsTests : O13_ThreeLimitsTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O14_AttemptsTests : O14_AttemptsTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O14_NotTriedAgainTests : O14_NotTriedAgainTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O14_BudgetTests : O14_BudgetTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O14_EarlierAttemptTests : O14_EarlierAttemptTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O15_SettleTests : O15_SettleTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O16_BuildsInFlightTests : O16_BuildsInFlightTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O16_IntervalTests : O16_IntervalTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O16_WhoIsNextTests : O16_WhoIsNextTests<PostgreSqlBackend>;

[Slow]
public sealed class PostgreSql_O17_PauseTests : O17_PauseTests<PostgreSqlBackend>;
