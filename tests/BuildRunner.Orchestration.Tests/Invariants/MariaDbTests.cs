namespace BuildRunner.Orchestration.Tests.Invariants;

[Slow]
public sealed class MariaDb_O01_OneTransactionTests : O01_OneTransactionTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O02_OneBuildPerKeyTests : O02_OneBuildPerKeyTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O03_PollNeverPublishesTests : O03_PollNeverPublishesTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O04_WakeIdentityTests : O04_WakeIdentityTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O05_TerminalIsWriteOnceTests : O05_TerminalIsWriteOnceTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O06_TransientErrorsTests : O06_TransientErrorsTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O06_MissingBuildTests : O06_MissingBuildTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O07_NoDeadEndTests : O07_NoDeadEndTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O08_CancelIsLevelTriggeredTests : O08_CancelIsLevelTriggeredTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O09_EveryBuildEndsTests : O09_EveryBuildEndsTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O10_PushIsPollTests : O10_PushIsPollTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O12_RetentionTests : O12_RetentionTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O18_GroupTests : O18_GroupTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O18_GroupFaultTests : O18_GroupFaultTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O18_GroupAgainTests : O18_GroupAgainTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O19_SupersedeTests : O19_SupersedeTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O20_BulkTests : O20_BulkTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O21_HistoryTests : O21_HistoryTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O22_CancelReasonTests : O22_CancelReasonTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O13_ThreeLimitsTests : O13_ThreeLimitsTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O14_AttemptsTests : O14_AttemptsTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O14_NotTriedAgainTests : O14_NotTriedAgainTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O14_BudgetTests : O14_BudgetTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O14_EarlierAttemptTests : O14_EarlierAttemptTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O15_SettleTests : O15_SettleTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O16_BuildsInFlightTests : O16_BuildsInFlightTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O16_IntervalTests : O16_IntervalTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O16_WhoIsNextTests : O16_WhoIsNextTests<MariaDbBackend>;

[Slow]
public sealed class MariaDb_O17_PauseTests : O17_PauseTests<MariaDbBackend>;
