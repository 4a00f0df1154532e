namespace BuildRunner.Orchestration.Tests.Invariants;

public sealed class Sqlite_O01_OneTransactionTests : O01_OneTransactionTests<SqliteBackend>;

public sealed class Sqlite_O02_OneBuildPerKeyTests : O02_OneBuildPerKeyTests<SqliteBackend>;

public sealed class Sqlite_O03_PollNeverPublishesTests : O03_PollNeverPublishesTests<SqliteBackend>;

public sealed class Sqlite_O04_WakeIdentityTests : O04_WakeIdentityTests<SqliteBackend>;

[Slow]
public sealed class Sqlite_O05_TerminalIsWriteOnceTests : O05_TerminalIsWriteOnceTests<SqliteBackend>;

[Slow]
public sealed class Sqlite_O06_TransientErrorsTests : O06_TransientErrorsTests<SqliteBackend>;

[Slow]
public sealed class Sqlite_O06_MissingBuildTests : O06_MissingBuildTests<SqliteBackend>;

[Slow]
public sealed class Sqlite_O07_NoDeadEndTests : O07_NoDeadEndTests<SqliteBackend>;

public sealed class Sqlite_O08_CancelIsLevelTriggeredTests : O08_CancelIsLevelTriggeredTests<SqliteBackend>;

public sealed class Sqlite_O09_EveryBuildEndsTests : O09_EveryBuildEndsTests<SqliteBackend>;

public sealed class Sqlite_O10_PushIsPollTests : O10_PushIsPollTests<SqliteBackend>;

public sealed class Sqlite_O12_RetentionTests : O12_RetentionTests<SqliteBackend>;

public sealed class Sqlite_O18_GroupTests : O18_GroupTests<SqliteBackend>;

public sealed class Sqlite_O18_GroupFaultTests : O18_GroupFaultTests<SqliteBackend>;

public sealed class Sqlite_O18_GroupAgainTests : O18_GroupAgainTests<SqliteBackend>;

public sealed class Sqlite_O19_SupersedeTests : O19_SupersedeTests<SqliteBackend>;

public sealed class Sqlite_O20_BulkTests : O20_BulkTests<SqliteBackend>;

public sealed class Sqlite_O21_HistoryTests : O21_HistoryTests<SqliteBackend>;

public sealed class Sqlite_O22_CancelReasonTests : O22_CancelReasonTests<SqliteBackend>;

public sealed class Sqlite_O13_ThreeLimitsTests : O13_ThreeLimitsTests<SqliteBackend>;

public sealed class Sqlite_O14_AttemptsTests : O14_AttemptsTests<SqliteBackend>;

public sealed class Sqlite_O14_NotTriedAgainTests : O14_NotTriedAgainTests<SqliteBackend>;

public sealed class Sqlite_O14_BudgetTests : O14_BudgetTests<SqliteBackend>;

public sealed class Sqlite_O14_EarlierAttemptTests : O14_EarlierAttemptTests<SqliteBackend>;

public sealed class Sqlite_O15_SettleTests : O15_SettleTests<SqliteBackend>;

public sealed class Sqlite_O16_BuildsInFlightTests : O16_BuildsInFlightTests<SqliteBackend>;

public sealed class Sqlite_O16_IntervalTests : O16_IntervalTests<SqliteBackend>;

public sealed class Sqlite_O16_WhoIsNextTests : O16_WhoIsNextTests<SqliteBackend>;

public sealed class Sqlite_O17_PauseTests : O17_PauseTests<SqliteBackend>;
