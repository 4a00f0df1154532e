using BuildRunner.Model.Attempts;
using BuildRunner.Model.Builds;
using BuildRunner.Model.Groups;
using BuildRunner.Model.Limits;
using BuildRunner.Model.Queues;
using BuildRunner.Model.Slots;
using BuildRunner.Model.Supersede;
using BuildRunner.Model.Verdicts;

namespace BuildRunner.Model.Tests;

/// <summary>Each rule can be broken by a mistake that is put into the model, and then it is said so.</summary>
public sealed class MutantTests
{
    public static TheoryData<string> Names => [.. Mutants.All.Select(static mutant => $"{mutant}")];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_mistake_is_found(string name)
    {
        var mutant = Mutants.All.Single(mutant => $"{mutant}" == name);

        var findings = mutant.Scenario.Explore($"{mutant.Rule}:");

        findings.Violations.Should().Contain(violation => violation.StartsWith($"{mutant.Rule}:", StringComparison.Ordinal));
    }

    [Fact]
    public void Each_mistake_is_of_a_rule()
    {
        string[] mistakes =
        [
            .. Enum.GetNames<QueueMutation>(), .. Enum.GetNames<Mutation>(), .. Enum.GetNames<AttemptMutation>(), .. Enum.GetNames<LimitMutation>(),
            .. Enum.GetNames<SlotMutation>(), .. Enum.GetNames<GroupMutation>(), .. Enum.GetNames<SupersedeMutation>(), .. Enum.GetNames<Repair>(),
        ];

        Mutants.All.Select(static mutant => mutant.Mistake).Should()
            .BeEquivalentTo(mistakes.Where(static mistake => mistake is not ("None" or nameof(Repair.AsksAgainByOccasion))));
    }

    [Fact]
    public void Each_rule_has_a_mistake()
    {
        var rules = Mutants.All.SelectMany(static mutant => mutant.Rule.Split('/')).Distinct();

        rules.Should().Contain(["Q1", "Q2", "Q2b", "Q3", "Q4", "Q5", "Q6", "Q7", "Q8", "Q9", .. Enumerable.Range(1, 10).Concat(Enumerable.Range(13, 7)).Select(static number => $"O{number}")]);
    }
}
