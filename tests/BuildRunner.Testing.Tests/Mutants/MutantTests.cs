namespace BuildRunner.Testing.Tests;

/// <summary>Shows that the kit finds what it is for: no case that cannot fail, no mistake that goes unseen.</summary>
[Slow]
public sealed class MutantTests(MutantMatrixFixture fixture) : IClassFixture<MutantMatrixFixture>
{
    public static TheoryData<string> Mutants => [.. MutantMatrix.Mutants.Select(mutant => mutant.Name)];

    [Theory]
    [MemberData(nameof(Mutants))]
    public void A_mutant_is_found_by_the_case_that_owns_it(string name)
    {
        var mutant = MutantMatrix.Mutants.Single(type => type.Name == name);

        var catchers = fixture.Matrix.CatchersOf(mutant);

        catchers.Select(catcher => catcher.Name).Should().Contain(MutantMatrix.Attribute(mutant).Owner);
        fixture.Matrix.IsFoundByCheck(mutant).Should().BeTrue();
    }

    [Fact]
    public void Every_case_owns_a_mutant()
    {
        var owners = MutantMatrix.Mutants.Select(mutant => MutantMatrix.Attribute(mutant).Owner);

        owners.Should().Contain(Conformance.Cases.Select(conformanceCase => conformanceCase.Name));
    }

    [Fact]
    public void Every_case_is_the_only_one_to_find_a_mutant_or_says_why_it_cannot_be()
    {
        var never = Conformance.Cases.Where(conformanceCase => !fixture.Matrix.IsOnlyCatcher(conformanceCase));

        never.Select(conformanceCase => conformanceCase.Name).Should().BeEquivalentTo(ConformanceDocument.NeverAlone.Keys);
    }

    [Fact(Timeout = 600_000)]
    public async Task What_finds_a_mutant_does_not_depend_on_luck()
    {
        // Those that lose a race lose it every time.
        Type[] racers = [typeof(CountsIdsWithoutLock), typeof(LooksUpBeforeItCreates), typeof(LocksItsOwnInstance), typeof(SharesItsLastAnswer)];
        for (var run = 0; run < 5; run++)
        {
            var found = await Task.WhenAll(racers.Select(racer => MutantMatrix.FindFailuresAsync(racer, TestContext.Current.CancellationToken)));

            foreach (var (racer, failures) in racers.Zip(found))
            {
                failures.Select(failure => failure.Case).Should().Equal(fixture.Matrix.CatchersOf(racer));
            }
        }
    }

    [Fact]
    public async Task The_document_says_what_the_tests_have_found()
    {
        var expected = ConformanceDocument.Write(fixture.Matrix);

        var actual = await GoldenFile.ReadAsync("doc/conformance-kit.md", expected);

        actual.Should().Be(expected);
    }
}
