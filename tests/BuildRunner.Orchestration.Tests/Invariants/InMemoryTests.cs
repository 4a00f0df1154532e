namespace BuildRunner.Orchestration.Tests.Invariants;

public sealed class InMemory_O01_OneTransactionTests : O01_OneTransactionTests<InMemoryBackend>;

public sealed class InMemory_O02_OneBuildPerKeyTests : O02_OneBuildPerKeyTests<InMemoryBackend>;

public sealed class InMemory_O03_PollNeverPublishesTests : O03_PollNeverPublishesTests<InMemoryBackend>;

public sealed class InMemory_O04_WakeIdentityTests : O04_WakeIdentityTests<InMemoryBackend>;

public sealed class InMemory_O05_TerminalIsWriteOnceTests : O05_TerminalIsWriteOnceTests<InMemoryBackend>;

public sealed class InMemory_O06_TransientErrorsTests : O06_TransientErrorsTests<InMemoryBackend>;

public sealed class InMemory_O06_MissingBuildTests : O06_MissingBuildTests<InMemoryBackend>;

public sealed class InMemory_O07_NoDeadEndTests : O07_NoDeadEndTests<InMemoryBackend>;

public sealed class InMemory_O08_CancelIsLevelTriggeredTests : O08_CancelIsLevelTriggeredTests<InMemoryBackend>;

public sealed class InMemory_O09_EveryBuildEndsTests : O09_EveryBuildEndsTests<InMemoryBackend>;

public sealed class InMemory_O10_PushIsPollTests : O10_PushIsPollTests<InMemoryBackend>;

public sealed class InMemory_O12_RetentionTests : O12_RetentionTests<InMemoryBackend>;

public sealed class InMemory_O18_GroupTests : O18_GroupTests<InMemoryBackend>;

public sealed class InMemory_O18_GroupFaultTests : O18_GroupFaultTests<InMemoryBackend>;

public sealed class InMemory_O18_GroupAgainTests : O18_GroupAgainTests<InMemoryBackend>;

public sealed class InMemory_O19_SupersedeTests : O19_SupersedeTests<InMemoryBackend>;

public sealed class InMemory_O20_BulkTests : O20_BulkTests<InMemoryBackend>;

public sealed class InMemory_O21_HistoryTests : O21_HistoryTests<InMemoryBackend>;

public sealed class InMemory_O22_CancelReasonTests : O22_CancelReasonTests<InMemoryBackend>;

public sealed class InMemory_O13_ThreeLimitsTests : O13_ThreeLimitsTests<InMemoryBackend>;

public sealed class InMemory_O14_AttemptsTests : O14_AttemptsTests<InMemoryBackend>;

public sealed class InMemory_O14_NotTriedAgainTests : O14_NotTriedAgainTests<InMemoryBackend>;

public sealed class InMemory_O14_BudgetTests : O14_BudgetTests<InMemoryBackend>;

public sealed class InMemory_O14_EarlierAttemptTests : O14_EarlierAttemptTests<InMemoryBackend>;

public sealed class InMemory_O15_SettleTests : O15_SettleTests<InMemoryBackend>;

public sealed class InMemory_O16_BuildsInFlightTests : O16_BuildsInFlightTests<InMemoryBackend>;

public sealed class InMemory_O16_IntervalTests : O16_IntervalTests<InMemoryBackend>;

public sealed class InMemory_O16_WhoIsNextTests : O16_WhoIsNextTests<InMemoryBackend>;

public sealed class InMemory_O17_PauseTests : O17_PauseTests<InMemoryBackend>;
