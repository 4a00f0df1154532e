using System.Reflection;

namespace BuildRunner.Tests.Runners;

public sealed class DelegatingBuildRunnerTests
{
    private readonly IBuildRunner _inner = Substitute.For<IBuildRunner>();

    public static TheoryData<string> Members => [.. typeof(IBuildRunner).GetMethods().Select(method => method.Name)];

    [Theory]
    [MemberData(nameof(Members))]
    public void Every_member_is_forwarded_with_its_arguments_and_its_task(string name)
    {
        using var cancellation = new CancellationTokenSource();
        var method = typeof(IBuildRunner).GetMethod(name)!;
        object[] arguments = [.. method.GetParameters().Select(parameter => Sample(parameter.ParameterType, cancellation.Token))];
        var task = Answer(method.ReturnType);
        method.Invoke(_inner, arguments).Returns(task);
        _inner.ClearReceivedCalls();

        var returned = method.Invoke(new PlainDecorator(_inner), arguments);

        returned.Should().BeSameAs(task);
        var call = _inner.ReceivedCalls().Should().ContainSingle().Subject;
        call.GetMethodInfo().Should().BeSameAs(method);
        call.GetArguments().Should().Equal(arguments);
    }

    [Fact]
    public void Every_member_can_be_overridden()
    {
        var map = typeof(DelegatingBuildRunner).GetInterfaceMap(typeof(IBuildRunner));

        map.TargetMethods.Should().HaveSameCount(typeof(IBuildRunner).GetMethods())
            .And.OnlyContain(method => method.IsPublic && method.IsVirtual && !method.IsFinal && method.DeclaringType == typeof(DelegatingBuildRunner));
    }

    [Fact]
    public void It_has_no_public_member_that_the_interface_has_not()
    {
        const BindingFlags Own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

        var members = typeof(DelegatingBuildRunner).GetMembers(Own).Select(member => member.Name);

        members.Should().BeEquivalentTo(typeof(IBuildRunner).GetMembers().Select(member => member.Name));
    }

    [Fact]
    public void It_is_not_disposable()
    {
        typeof(DelegatingBuildRunner).GetInterfaces().Should().Equal(typeof(IBuildRunner));
    }

    [Fact]
    public void It_is_abstract_and_gives_its_inner_runner_to_its_subclasses_alone()
    {
        var inner = typeof(DelegatingBuildRunner).GetProperty("Inner", BindingFlags.NonPublic | BindingFlags.Instance)!;

        typeof(DelegatingBuildRunner).IsAbstract.Should().BeTrue();
        inner.GetMethod!.IsFamily.Should().BeTrue();
        inner.CanWrite.Should().BeFalse();
    }

    [Fact]
    public void Its_inner_runner_is_the_one_that_it_was_given()
    {
        new PlainDecorator(_inner).ItsInner.Should().BeSameAs(_inner);
    }

    [Fact]
    public void A_null_inner_runner_is_refused()
    {
        Action act = () => _ = new PlainDecorator(null!);

        act.Should().Throw<ArgumentNullException>().WithParameterName("inner");
    }

    private static object Sample(Type type, CancellationToken token) => type switch
    {
        _ when type == typeof(BuildRequest) => new BuildRequest { TriggerKey = "merge-7" },
        _ when type == typeof(BuildId) => new BuildId("7"),
        _ when type == typeof(CancellationToken) => token,
        _ => throw new NotSupportedException($"There is no sample of {type}."),
    };

    private static Task Answer(Type type) => type switch
    {
        _ when type == typeof(Task<BuildId>) => Task.FromResult(new BuildId("8")),
        _ when type == typeof(Task<BuildSnapshot>) => Task.FromResult(new BuildSnapshot { Status = BuildStatus.Running }),
        _ when type == typeof(Task) => new TaskCompletionSource().Task,
        _ => throw new NotSupportedException($"There is no sample of {type}."),
    };
}
