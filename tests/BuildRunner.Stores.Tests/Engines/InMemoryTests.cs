using BuildRunner.Stores.Tests.Suite;

namespace BuildRunner.Stores.Tests.Engines;

public sealed class InMemoryRoundTripTests : RoundTripSuite<InMemoryStoreFixture>;

public sealed class InMemorySaveTests : SaveSuite<InMemoryStoreFixture>;

public sealed class InMemoryListTests : ListSuite<InMemoryStoreFixture>;

public sealed class InMemoryCommitTests : CommitSuite<InMemoryStoreFixture>;
